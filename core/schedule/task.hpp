// The order to a worker and its answer. A task is a pure function of what it carries, so it may be
// repeated, replicated, moved to another worker or thrown away.                     [math 2]
#pragma once

#include "core/types.hpp"

#include <memory>
#include <string>

namespace laggard {

using SharedVector = std::shared_ptr<const Vector>;

// "Solve x' = argmin f_p(x) + rho/2 norm(x - z + u')^2 with u' = (omega - z) q."  [math 2.1, 2.2]
struct Task {
  TaskId id = 0;
  WorkerId worker = 0;
  ShardId shard = 0;
  double rho = 1;             // penalty
  double q = 1;               // rho_p / rho
  SharedVector z;             // d
  SharedVector omega;         // d: the accepted x_p + u_p
  bool carries_dual = false;  // the worker cannot form u' by itself, so the message carries it
  int numbers_down = 0;       // doubles in the message
};

// What a worker computes: what a report carries, and what it cost.
struct Contribution {
  Vector x;                    // d: x'
  Vector u;                    // d: u'
  std::int64_t passes = 0;
  std::int64_t inner_iterations = 0;
  bool capped = false;
  bool stopped = false;        // it was told to stop: x is not a solution
};

// What a message weighs beside its doubles: framing, ids, times.
inline constexpr std::int64_t kMessageHeaderBytes = 64;
inline std::int64_t message_bytes(std::int64_t numbers) {
  return kMessageHeaderBytes + 8 * numbers;
}

struct Report {
  TaskId id = 0;
  WorkerId worker = 0;
  ShardId shard = 0;
  Contribution contribution;
  std::string failure;         // why there is no contribution; empty: there is one
  Time started = kForever;     // the worker begins
  Time finished = kForever;    // the worker has the report ready
  Time arrived = kForever;     // the coordinator starts processing it
};

}  // namespace laggard
