// The order to a worker and its answer. A task is a pure function of what it carries, so it may be
// repeated, replicated, moved to another worker or thrown away.                     [math 2]
#pragma once

#include "core/task/types.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace laggard {

using SharedVector = std::shared_ptr<const Vector>;

enum class TaskKind {
  prox_solve,  // the local solve of ADMM                                              [math 2.2]
  gradient,    // grad f_p(z) and f_p(z), summed over the parts                        [math 5]
};

// A shard's share in a coded message.
struct Part {
  ShardId shard = 0;
  double coefficient = 1;
};

// prox_solve: "Solve x' = argmin f_p(x) + rho/2 norm(x - z + u')^2 with u' = (omega - z) q."
// [math 2.1, 2.2] gradient: "Return sum over parts of coefficient grad f_p(z), and the like sum of
// f_p(z)."
struct Task {
  TaskId id = 0;
  WorkerId worker = 0;
  ShardId shard = 0;
  std::vector<Part> parts;  // gradient: what is summed; empty: the shard alone
  TaskKind kind = TaskKind::prox_solve;
  double rho = 1;        // penalty
  double q = 1;          // rho_p / rho
  SharedVector z;        // d
  SharedVector omega;    // d: the accepted x_p + u_p; prox_solve only
  TaskId omega_of = -1;  // whose report it was; -1: nobody's yet, it is 0
  int numbers_up = 0;    // in the report
  int floats = 0;        // how many of each, z and x, cross as floats; the rest are doubles
};

// What a worker computes: what a report carries, and what it cost.
struct Contribution {
  Vector x;          // d: x', or the gradient
  Vector u;          // d: u'; empty for a gradient
  double value = 0;  // gradient: f_p(z)
  std::int64_t passes = 0;
  std::int64_t inner_iterations = 0;
  bool capped = false;
  bool stopped = false;  // it was told to stop: x is not a solution
};

// What a message weighs beside its numbers: framing, ids, times.
inline constexpr std::int64_t kMessageHeaderBytes = 64;
// `floats` of the numbers, or all if they are fewer, are floats.
inline std::int64_t message_bytes(std::int64_t numbers, std::int64_t floats = 0) {
  return kMessageHeaderBytes + 8 * numbers - 4 * std::min(floats, numbers);
}

// z, and omega where the worker cannot form it.                                      [math 2.1]
inline std::int64_t numbers_down(const Task& task, bool with_omega) {
  return task.z->size() * (with_omega ? 2 : 1);
}

struct Report {
  TaskId id = 0;
  WorkerId worker = 0;
  ShardId shard = 0;
  Contribution contribution;
  std::string failure;  // why there is no contribution; empty: there is one, or it was revoked
  bool lost = false;    // the failure: the worker was lost, and is started anew
  bool not_finite =
      false;  // the worker met numbers that cannot be sent: no contribution, no failure
  Time started = kForever;   // the worker begins
  Time finished = kForever;  // the worker has the report ready
  Time arrived = kForever;   // the coordinator starts processing it
  // From the worker's previous report to its receiving this task, where the worker measures it.
  Time idle = kForever;
};

}  // namespace laggard
