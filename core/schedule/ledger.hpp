// What a run counts and tells: rows, totals, digests. It decides nothing.
#pragma once

#include "core/method/coordinator_half.hpp"
#include "core/method/state_archive.hpp"
#include "core/results/digest.hpp"
#include "core/results/summary.hpp"
#include "core/schedule/flights.hpp"
#include "core/task/decoding.hpp"

#include <optional>
#include <vector>

namespace laggard {

class Ledger {
 public:
  // nonzeros: of each shard. `observer` must outlive it.
  Ledger(Observer& observer, int workers, std::vector<std::int64_t> nonzeros);

  void on_dispatch() { ++tasks_; }
  void on_sent(std::int64_t bytes);  // down, with a task
  // A report has come at `now`, over the network if it `travelled`: its times go into the flight's
  // row.
  void on_report(Flight& flight, const Report& report, Time now, bool travelled);
  void on_capped() { ++capped_; }
  // The fate of a task, or of one attempt at it, is known. round: updates made so far; staleness:
  // of its z in the coming update of its model.
  void on_fate(Flight& flight, Outcome outcome, int round, int staleness);
  void on_decoding(const Decoding& decoding);

  int accepted() const { return row_.accepted; }  // since the last update
  std::int64_t tasks() const { return tasks_; }   // sent so far, each attempt for itself
  double passes() const;                          // over the whole data, so far        [math 2]

  // An update was made: its row, all but the objective, and the next one begins empty.
  RoundRow close_round(RoundRow known, const Residuals& residuals, const Vector& z);
  std::uint64_t iterate_digest() const { return iterates_.value(); }  // of z_1 .. z_k
  // When the first task began that was taken in of the last shard; nothing while one is missing.
  std::optional<Time> startup() const { return startup_; }  //                      [math 8]

  // Totals, digests and what follows from the rows so far.
  void summarise(Summary& out, const std::vector<LifeRow>& lives) const;

  void persist(StateArchive& archive);

 private:
  std::int64_t nonzeros_of(const Task& task) const;
  bool was_taken(const Task& task) const;  // all that it is of

  Observer& observer_;
  RoundRow row_;                        // of the coming update, as far as it is known
  std::vector<Time> last_finished_;     // by worker
  std::vector<bool> taken_;             // by shard: an update of this run had a report of it
  std::vector<std::int64_t> nonzeros_;  // by shard
  std::int64_t swept_ = 0;              // nonzeros, by all sweeps
  std::int64_t bytes_up_ = 0, bytes_down_ = 0, tasks_ = 0, tasks_accepted_ = 0, capped_ = 0;
  double compute_seconds_ = 0, pause_seconds_ = 0;
  Time begun_{};  // the latest start of the accepted ones of shards not taken before
  std::optional<Time> startup_;
  // The worst so far, each for itself.
  double decode_error_ = kNaN, decode_rms_ = kNaN, decode_weight_ = kNaN, condition_ = kNaN;
  WorkerStatistics statistics_;
  Digest schedule_, iterates_;
};

}  // namespace laggard
