#include "runners/launchers/lambda/retry.hpp"

#include "core/task/random.hpp"

#include <algorithm>
#include <cmath>

namespace laggard {

Time Retries::bound(int attempt) const {
  const double doubled = to_seconds(options_.first) * std::exp2(attempt - 1);
  return std::min(options_.most, from_seconds(doubled));
}

std::optional<Time> Retries::next(int attempt, Time now) {
  tokens_ =
      std::min(options_.budget, tokens_ + to_seconds(now - filled_) * options_.budget_per_second);
  filled_ = now;
  if (attempt >= options_.most_attempts || tokens_ < 1) return std::nullopt;
  tokens_ -= 1;
  return from_seconds(to_seconds(bound(attempt)) *
                      uniform(options_.seed, Stream::retry, draws_++, 0));
}

}  // namespace laggard
