// What an incarnation can form by itself: the coordinator's mirror of the x + u that it remembers.
#pragma once

#include "core/types.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace laggard {

// After a task whose omega is report k's, a worker holds for that shard k's x + u, if it held it or was
// sent it, and that of its newest report.
class HeldDuals {
 public:
  // Whether the worker can form omega = that of report `omega_of` (-1: zero, which anybody can).
  bool holds(ShardId shard, TaskId omega_of) const {
    if (omega_of < 0) return true;
    const auto found = shards_.find(shard);
    return found != shards_.end() && (found->second.base == omega_of || found->second.newest == omega_of);
  }
  // The worker is sent a task with this omega, with or without the vector.
  void sent(ShardId shard, TaskId omega_of) { shards_[shard].base = omega_of; }
  void reported(ShardId shard, TaskId id) { shards_[shard].newest = id; }

 private:
  struct Held {
    TaskId base = -1;    // of the task sent last
    TaskId newest = -1;  // its own last report
  };
  std::unordered_map<ShardId, Held> shards_;
};

}  // namespace laggard
