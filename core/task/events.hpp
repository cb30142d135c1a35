// What a run tells its observers. Plain data; nothing here knows how a run works.
#pragma once

#include "core/task/types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// One update of z.
struct RoundRow {
  int round = 0;               // from 1
  Time at{};                   // the fleet's time of the update
  double wall_seconds = 0;     // since the run began
  double objective = kNaN;     // phi(z)
  double gap = kNaN;           // [math 3.1]; NaN without a reference
  double primal = kNaN;        // [math 2.5]
  double dual = kNaN;          // [math 2.6]
  double rho = 0;              // of the tasks dispatched before this update
  int accepted = 0;            // reports taken into this update
  int discarded = 0;           // reports thrown away since the previous update
  int staleness_max = 0;       // over the accepted reports, in rounds [math 4]
  int age_max = 0;             // over all shards, in rounds [math 4]
  double disagreement = kNaN;  // of the shards' own models, where they have any [math 10.3]
  std::int64_t bytes_up = 0;   // since the previous update
  std::int64_t bytes_down = 0;
  // Of coded messages; NaN where nothing is decoded                                 [math 4, 13]
  double decode_rms = kNaN;     // e, root of the mean square error of the shards' weights
  double decode_error = kNaN;   // the largest error of a shard's weight
  double decode_weight = kNaN;  // mean weight of a shard
  std::vector<ShardId> fresh;   // the shards of the accepted reports, rising
};

enum class Outcome { accepted, discarded, revoked, failed, unfinished };
std::string_view to_string(Outcome outcome);

// One task, once its fate is known. Times are the fleet's; a time that never came is kForever.
struct TaskRow {
  int round = 0;  // the update that took it; else the update being formed when its fate was known
  WorkerId worker = 0;
  ShardId shard = 0;
  Time dispatched = kForever;         // the coordinator sends it
  Time started = kForever;            // the worker begins
  Time pause = kForever;              // of the platform, from then on, before it computes
  Time finished = kForever;           // the worker has its report ready
  Time arrived = kForever;            // the coordinator starts processing the report
  Time idle = kForever;               // from the worker's previous report to `started` [math 8]
  std::int64_t passes = 0;            // sweeps over the shard's nonzeros
  std::int64_t inner_iterations = 0;  // of the local solver
  std::int64_t dense_work = 0;        // on dense matrices, in nonzeros of a sweep
  int staleness = 0;                  // rounds; 0 if it was not accepted
  Outcome outcome = Outcome::unfinished;
};

// What follows from a row's times [math 8]; kForever if what they follow from never came.
struct TaskTimes {
  Time compute, delay, communication, queueing;
};
TaskTimes times_of(const TaskRow& row);

enum class StopReason {
  converged,   // the certified gap is small enough
  rule_holds,  // the residuals are, by a rule that asks for no certificate
  target_gap,
  target_loss,
  method_ended,  // all that it had to do is done
  max_rounds,
  max_tasks,
  max_passes,
  time_limit,
  budget,
  diverged,
  not_finite,
  interrupted,
  fleet_failed
};
std::string_view to_string(StopReason reason);

// Told of everything, on the coordinator's thread, rounds in order. An observer changes no number.
class Observer {
 public:
  virtual ~Observer() = default;
  // A task goes to a worker, and its report or the failure of the attempt is here: each attempt
  // tells both, unless the run ends before.
  virtual void on_submit(WorkerId, Time) {}
  virtual void on_answer(WorkerId, Time) {}
  // Now and then where time passes by itself, also while nothing happens.
  virtual void on_moment(Time) {}
  virtual void on_round(const RoundRow&) {}
  virtual void on_startup(Time) {
  }  // when start-up ended; told at the update that shows it [math 8]
  virtual void on_task(const TaskRow&) {}
  virtual void on_notice(const std::string&) {}  // what the user should know now; one line
};

}  // namespace laggard
