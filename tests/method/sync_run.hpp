// A method without protocol and fleet: all shards report, then it updates.
#pragma once

#include "tests/support/methods.hpp"

#include <atomic>
#include <string>

namespace laggard::testing {

// One update with the gradients of all shards at the newest point.
struct SyncRun {
  MethodHalves halves;
  Workspace scratch;

  SyncRun(const std::string& method, const Problem& problem, const OptionValues& options = {})
      : halves(halves_of(method, problem, options)) {}

  Residuals round() {
    static const std::atomic<bool> never{false};
    CoordinatorHalf& method = *halves.coordinator;
    for (ShardId p = 0; p < method.shards(); ++p) {
      Task task;
      task.shard = p;
      method.form(task);
      method.accept(task, halves.worker->compute(task, scratch, never));
    }
    return method.update();
  }
  const Vector& z() const { return *halves.coordinator->z(); }
};

inline double relative_distance(const Vector& a, const Vector& b) {
  return (a - b).norm() / std::max(1.0, b.norm());
}

}  // namespace laggard::testing
