// What a run cost, or would have.                                                  [math 8]
#pragma once

#include "core/lifecycle/lifecycle.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace laggard {

// AWS Lambda's list price in us-east-1, x86, without the free tier:
// https://aws.amazon.com/lambda/pricing (first tier).
inline constexpr double kDollarsPerGbSecond = 0.0000166667;
inline constexpr double kDollarsPerRequest = 0.20 / 1e6;

// What a fleet knows of it.
struct FleetCost {
  double memory_mb = 0;       // of each worker
  std::int64_t requests = 0;  // invocations that began, or may have
  // As the service tells, of those it told of; nothing: nobody sends bills, and the estimate
  // counts.
  std::optional<double> billed_gb_seconds;
  std::int64_t unbilled = 0;       // invocations of which it did not
  double unbilled_gb_seconds = 0;  // and what those came to, by the coordinator's clock
};

struct Cost {
  std::int64_t requests = 0;
  double estimated_gb_seconds = 0;
  std::optional<double> billed_gb_seconds;
  std::int64_t unbilled = 0;
  double unbilled_gb_seconds = 0;
  double dollars = 0;  // at list price; by what was billed, and what was not, where that is known
};

// Estimated is the sum over all incarnations of the time from their invocation to their end, or to
// `now` for those that live on, rounded up to a millisecond, times the memory. Those that were
// refused do not count.
Cost cost_of(const FleetCost& fleet, const std::vector<LifeRow>& lives, Time now);

}  // namespace laggard
