// The x + u of the worker's own reports, so that a task need not carry them.        [math 2.1]
#pragma once

#include "core/task/task.hpp"

#include <deque>
#include <map>
#include <utility>

namespace laggard {

class OmegaMemory {
 public:
  explicit OmegaMemory(int features) : zero_(std::make_shared<Vector>(Vector::Zero(features))) {}

  // The omega of a task: what was sent, or where that is empty the x + u of report `omega_of` (-1:
  // the zero vector). From then on the shard's are: this one and the newest of the worker's own.
  // Throws std::runtime_error where it is not held.
  SharedVector take(ShardId shard, TaskId omega_of, Vector sent);

  // The worker's own report `id` left this.
  void remember(ShardId shard, TaskId id, Vector omega);

 private:
  // The coordinator counts on the newest report that it has seen, while newer ones may be on their
  // way.
  static constexpr std::size_t kNewest = 4;

  using Entry = std::pair<TaskId, SharedVector>;
  struct Held {
    Entry base{-1, nullptr};   // of the task before
    std::deque<Entry> newest;  // own reports
  };
  SharedVector zero_;
  std::map<ShardId, Held> held_;
};

}  // namespace laggard
