#include "core/results/cost.hpp"

#include <algorithm>

namespace laggard {

Cost cost_of(const FleetCost& fleet, const std::vector<LifeRow>& lives, Time now) {
  std::int64_t milliseconds = 0;
  for (const LifeRow& life : lives) {
    if (life.invoked == kForever || !life.begun) continue;
    const Time lived = (life.ended == kForever ? now : life.ended) - life.invoked;
    milliseconds += std::chrono::ceil<std::chrono::milliseconds>(std::max(lived, Time{})).count();
  }
  Cost cost;
  cost.requests = fleet.requests;
  cost.estimated_gb_seconds = static_cast<double>(milliseconds) / 1000 * fleet.memory_mb / 1024;
  cost.billed_gb_seconds = fleet.billed_gb_seconds;
  cost.unbilled = fleet.unbilled;
  cost.unbilled_gb_seconds = fleet.unbilled_gb_seconds;
  const double gb_seconds = cost.billed_gb_seconds
                                ? *cost.billed_gb_seconds + cost.unbilled_gb_seconds
                                : cost.estimated_gb_seconds;
  cost.dollars =
      gb_seconds * kDollarsPerGbSecond + static_cast<double>(cost.requests) * kDollarsPerRequest;
  return cost;
}

}  // namespace laggard
