// When a request that started nothing is sent again.
#pragma once

#include "core/task/types.hpp"

#include <cstdint>
#include <optional>

namespace laggard {

struct RetryOptions {
  int most_attempts = 5;                        // of one start
  Time first = std::chrono::milliseconds(100);  // bound of the first delay; doubles
  Time most = std::chrono::seconds(5);
  double budget = 100;           // retries of the whole fleet at once
  double budget_per_second = 2;  // come back
  std::uint64_t seed = 1;
};

// Full jitter: a delay is uniform between 0 and a bound that doubles. All starts of a fleet share
// one budget, so that trouble of the service is not met with a storm.
class Retries {
 public:
  explicit Retries(const RetryOptions& options) : options_(options), tokens_(options.budget) {}

  // After the attempt number `attempt` (from 1) failed: how long to wait before the next; nothing
  // if there is to be none.
  std::optional<Time> next(int attempt, Time now);

  // The bound of that delay.
  Time bound(int attempt) const;

 private:
  RetryOptions options_;
  double tokens_;
  Time filled_{};
  std::uint64_t draws_ = 0;
};

}  // namespace laggard
