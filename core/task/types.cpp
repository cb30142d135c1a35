#include "core/task/types.hpp"

#include <cmath>

namespace laggard {

Time from_seconds(double seconds) {
  const double ns = std::nearbyint(seconds * 1e9);
  if (ns >= 9.2e18) return kForever;
  if (ns <= -9.2e18) return Time::min();
  return Time(static_cast<std::int64_t>(ns));
}

}  // namespace laggard
