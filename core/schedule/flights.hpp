// The tasks of a run whose fate is open: sent, and not accepted, discarded, revoked or lost for
// good.
#pragma once

#include "core/task/events.hpp"
#include "core/task/task.hpp"
#include "core/task/task_table.hpp"

#include <vector>

namespace laggard {

// How far a task has come.
struct FlightState {
  Time dispatched{};
  int model = 0;        // whose z it carries
  bool chosen = false;  // by the protocol, which did not just ask for the newest z
  int z_round = 0;      // the update of that model that made it
  Time z_at{};          // and when
  int failures = 0;
  bool arrived = false;  // its report waits for the protocol's decision
  bool revoked = false;  // only its row still waits, for the worker's times
  bool used = false;     // the method has what it reported, though no update took it yet
  TaskRow row;
};

struct Flight : FlightState {
  Task task;
};

class Flights {
 public:
  Flights(int shards, int workers);

  // A task that is still to be formed. Gives it its id and counts it as under way.
  Flight& open(WorkerId worker, ShardId shard, std::vector<Part> parts, Time now);
  // It is sent again: a failure took the attempt before.
  void reopen(Flight& flight, Time now);
  // Its report is here.
  void land(Flight& flight);
  // Nobody waits for it any more: its shard and its worker are not busy with it.
  void revoke(Flight& flight);
  // Its fate is decided.
  void close(Flight& flight);

  // Null where the fate was decided.
  Flight* find(TaskId id);
  // Throws InvariantViolation where the fate was decided.
  const Flight& at(TaskId id) const;
  // That of a report which the protocol decides about; InvariantViolation if it did before.
  Flight& arrived(const Report& report);

  int under_way() const { return under_way_; }  // sent, and not answered, failed or revoked
  bool shard_busy(ShardId shard) const { return !of_shard(shard).empty(); }
  bool worker_busy(WorkerId worker) const { return of_worker_[index(worker)] > 0; }
  const std::vector<TaskId>& of_shard(ShardId shard) const { return of_shard_[index(shard)]; }
  std::vector<TaskId> all() const;  // rising

  // The next task's id: it says whose operand a vector is, so no two tasks share one.
  TaskId& next_id() { return next_id_; }

 private:
  static std::size_t index(int id) { return static_cast<std::size_t>(id); }
  void free(const Flight& flight);

  TaskId next_id_ = 0;
  int under_way_ = 0;
  TaskTable<Flight> flights_;
  std::vector<std::vector<TaskId>> of_shard_;  // open, in the order of dispatch
  std::vector<int> of_worker_;                 // how many are open
};

}  // namespace laggard
