// When a run ends, and why.
#pragma once

#include "core/method/stopping.hpp"
#include "core/results/summary.hpp"
#include "core/schedule/monitor.hpp"
#include "core/schedule/run_options.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace laggard {

// What a run has done so far, in the units of its limits.                              [math 2]
struct Done {
  int rounds = 0;
  std::int64_t tasks = 0;  // sent
  double passes = 0;       // over the whole data
};

class Verdict {
 public:
  // `interrupted` may be set from anywhere, a signal handler too. All must outlive it. ended:
  // called once a reason holds.
  Verdict(const SessionOptions& options, const Fleet& fleet, const std::atomic<bool>& interrupted,
          std::function<void()> ended);

  // One more model takes turns, with a phi* of its own, or the same: the run ends once each of them
  // has met what ends it. Limits are the whole run's.
  void add_turn(std::optional<double> reference) { turns_.push_back({.reference = reference}); }

  // The clock of the wall runs from here; phi at z = 0 is what divergence is measured against.
  void start(double initial_objective);
  double wall_seconds() const;

  bool ends() const { return reason_.has_value(); }
  Time ended_at() const { return at_; }  // of the fleet's clock
  // The first reason holds.
  void end(StopReason reason, std::string detail = {});

  // Asked whenever the protocol waits.
  void look_for_interrupt();
  // Before the first update.
  void judge_limits(const Done& done);
  // Whether the z of the update is to be looked at as one to end the run with. Asked once a round.
  bool proposes(const Done& done, const Residuals& residuals, int features);
  // After an update: its residuals and its z.
  void judge_update(const Done& done, const Residuals& residuals, const Vector& z);
  // Once phi of an iterate is known. False where an earlier one has ended the run: it does not
  // count.
  bool judge_objective(Iterate& iterate);

  // Reason, detail, times, and the last iterate that counts; `last`: the newest z, at `round`.
  void summarise(Summary& out, int round, const Vector& last) const;
  RoundRow& last_row() { return last_row_; }  // of the last update whose objective is known

 private:
  static constexpr int kFirstLook = 16;

  struct Turn {
    std::optional<double> reference = {};  // phi*
    bool met = false;                      // what ends the run
    int next_proposal = 0;                 // the first round at which the rule may propose
    int next_look = kFirstLook;  // the first one that is looked at whether or not the rule holds
    std::optional<Iterate> last = {};  // whose objective is known
  };
  Turn& turn_of(int round) { return turns_[static_cast<std::size_t>(round - 1) % turns_.size()]; }
  bool all_met(int round);
  std::optional<StopReason> limit(const Done& done) const;

  const SessionOptions& options_;
  const Fleet& fleet_;
  const std::atomic<bool>& interrupted_;
  std::function<void()> ended_;
  std::chrono::steady_clock::time_point wall_start_ = std::chrono::steady_clock::now();
  double initial_objective_ = kNaN;
  std::optional<StopReason> reason_;
  std::string detail_;
  std::vector<Turn> turns_;  // by model
  Time at_{};
  double wall_ = 0;
  RoundRow last_row_;
  std::optional<Iterate> final_;  // where phi said that the run ends; later updates do not count
};

}  // namespace laggard
