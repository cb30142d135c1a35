// What an incarnation can form by itself: the coordinator's mirror of the x + u that it remembers.
#pragma once

#include "core/task/task.hpp"

#include <unordered_map>

namespace laggard {

// After a task whose omega is report k's, a worker holds for that shard k's x + u, if it held it or
// was sent it, and that of its newest report. One object for each incarnation. [math 2.1]
class HeldDuals {
 public:
  // The task is sent: whether omega has to go along.
  bool send(const Task& task) {
    if (task.kind != TaskKind::prox_solve || task.omega_of < 0)
      return false;  // zero anybody can form
    Held& held = shards_[task.shard];
    const bool known = held.base == task.omega_of || held.newest == task.omega_of;
    held.base = task.omega_of;
    return !known;
  }
  void reported(ShardId shard, TaskId id) { shards_[shard].newest = id; }  // with its x

 private:
  struct Held {
    TaskId base = -1;    // of the task sent last
    TaskId newest = -1;  // its own last report
  };
  std::unordered_map<ShardId, Held> shards_;
};

}  // namespace laggard
