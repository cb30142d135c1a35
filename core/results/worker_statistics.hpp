// What a run's tasks and lives come to, worker by worker.                          [math 8]
#pragma once

#include "core/lifecycle/lifecycle.hpp"
#include "core/task/events.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace laggard {

// A sum of times that may never have come.
struct MeanTime {
  Time sum{};
  std::int64_t count = 0;

  void add(Time time) {
    if (time == kForever) return;
    sum += time;
    ++count;
  }
  void add(const MeanTime& other) {
    sum += other.sum;
    count += other.count;
  }
  // Rounded to whole nanoseconds; kForever if there is none.
  Time mean() const { return count == 0 ? kForever : Time(sum.count() / count); }
};

// One worker, or all of them together.
struct WorkerRow {
  WorkerId worker = -1;    // -1: all
  std::int64_t tasks = 0;  // of which its row tells, whatever their fate
  MeanTime compute, pause;
  MeanTime idle, delay, communication, queueing;  // of those that began when start-up was over
  MeanTime cold_start;                            // from invocation to ready, over incarnations
  // In so many rounds it was among the slowest: of the reports that came back while a round was
  // formed (accepted, discarded or revoked), the tenth with the largest delay, rounded up. Of equal
  // delays the one that was told last is the slower.
  std::int64_t slow_rounds = 0;
  double responsiveness = kNaN;  // slow_rounds over the rounds that had any report
  std::int64_t starts = 0;       // incarnations; 0 on fleets that know of none
  std::int64_t hand_overs = 0;   // planned ends, to make room for the next incarnation
  std::int64_t losses = 0;       // once connected, ended otherwise, but for the end of the run
};

class WorkerStatistics {
 public:
  explicit WorkerStatistics(int workers);

  void add(const TaskRow& row);  // rounds in order
  // When start-up ended: by then or later.                                          [math 8]
  void end_startup(Time at);

  // By worker. `lives`: all incarnations of the run.
  std::vector<WorkerRow> rows(const std::vector<LifeRow>& lives) const;

 private:
  struct Delay {
    Time delay;
    int number;  // among those of the round
    WorkerId worker;
  };

  // What a worker and the coordinator waited for each other.
  struct Wait {
    WorkerId worker;
    Time sent, idle_since;
    Time idle, delay, communication, queueing;
  };

  void count(const Wait& wait);
  // Leaves `delays` in another order.
  static void count_slow(std::vector<Delay>& delays, std::vector<WorkerRow>& workers);

  std::vector<WorkerRow> workers_;
  std::optional<Time> startup_;
  std::vector<Wait> waits_;  // until startup_ is known
  int round_ = 0;
  std::int64_t rounds_ = 0;    // before round_, with reports
  std::vector<Delay> delays_;  // of round_
};

// The sums over all workers; responsiveness is that of nobody.
WorkerRow total(const std::vector<WorkerRow>& rows);

}  // namespace laggard
