// What a run came to.
#pragma once

#include "core/results/cost.hpp"
#include "core/results/worker_statistics.hpp"
#include "core/task/events.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace laggard {

// Where the time of this machine went, on its own clock.
struct MachineTime {
  double coordinator = 0;  // contributions taken in, and z made
  double objective = 0;    // phi(z) evaluated, and bounds of its least value
  // Where time is virtual, NaN elsewhere:
  double tasks = kNaN;      // tasks computed, in all threads
  double simulator = kNaN;  // all else in the thread of virtual time: events and messages, the
                            // protocol, what is counted and written down

  // What simulating adds to the mathematics.
  double overhead() const { return simulator / (coordinator + objective + tasks); }
};

// What one of several models that take turns came to.
struct ModelOutcome {
  int round = 0;  // of its last update; 0: there was none
  double objective = kNaN, gap = kNaN, certified_gap = kNaN, validation_loss = kNaN;  // of its z
  Vector z;                                                                           // d
};

// Rounds, z, digest of the iterates and times are those of the update that ended the run. Where
// that was known some updates later, what was sent meanwhile counts in bytes and tasks all the
// same.
struct Summary {
  StopReason stop = StopReason::max_rounds;
  std::string detail;  // what a person should know about the stop; may be empty
  int rounds = 0;
  RoundRow
      last;  // of the last update; its objective and gap are those of z_0 = 0 if there was none
  double kkt = kNaN;              // [math 3.2] at the last z
  double certified_gap = kNaN;    // [math 3.3] of the last z; NaN where no rule asked for residuals
  double validation_loss = kNaN;  // [math 11.1] of the last z; NaN without rows that are held out
  double spectral_gap = kNaN;     // [math 10.3] of what mixes the shards' own models
  std::int64_t nonzeros = 0;      // of the last z
  Vector z;                       // d
  std::vector<ModelOutcome> models;  // where several take turns
  double fleet_seconds = 0;          // the fleet's time from start to stop (virtual on sim)
  double startup_seconds = 0;        // of these, the start-up; the rest is solving  [math 8]
  double wall_seconds = 0;
  double compute_seconds = 0;  // summed over tasks, in the fleet's time
  double pause_seconds = 0;    // likewise
  MachineTime machine;
  std::int64_t bytes_up = 0, bytes_down = 0;
  std::int64_t tasks = 0;         // dispatched
  std::int64_t tasks_wasted = 0;  // ended without being accepted
  std::int64_t tasks_capped = 0;  // local solves that ended at their cap of inner iterations
  double passes = 0;              // over the whole data, of all tasks with a result    [math 2]
  std::optional<std::int64_t> writes_lost;  // as CoordinatorHalf::writes_lost() tells
  double decode_error = kNaN;      // coded: the largest met, norm_inf(B[A,:]^T a - 1)      [math 4]
  double decode_rms = kNaN;        // coded: the largest e met                            [math 13]
  double decode_weight = kNaN;     // coded: the mean weight of shards that is farthest from 1
  double condition_number = kNaN;  // coded: the largest met
  std::vector<WorkerRow> workers;  // by worker
  std::vector<LifeRow> lives;      // as Fleet::lives() tells
  std::optional<Cost> cost;        // where the fleet knows of one
  std::map<std::string, std::int64_t> refused;  // connections that were not let in, by reason
  std::uint64_t schedule_digest = 0;            // who reported when
  std::uint64_t iterate_digest = 0;             // z_1 .. z_K, bit for bit
};

}  // namespace laggard
