// Vocabulary shared by every layer.
#pragma once

#include <Eigen/Core>

#include <chrono>
#include <cstdint>
#include <limits>

namespace laggard {

using Vector = Eigen::VectorXd;  // always dynamic size: over-aligned types break coroutine frames

using ShardId = int;          // 0 .. P-1: one term f_p of the objective
using WorkerId = int;         // 0 .. W-1: a place that runs tasks
using TaskId = std::int64_t;  // unique in a run, rises in dispatch order

// Time since the start of the run, on the fleet's own clock. Integral, so that ties are exact.
using Time = std::chrono::nanoseconds;

inline constexpr Time kForever = Time::max();
inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The age of contributions that nothing bounds, in rounds.
inline constexpr std::int64_t kAnyAge = std::numeric_limits<std::int64_t>::max();

inline double to_seconds(Time t) { return static_cast<double>(t.count()) / 1e9; }

// Rounded to the nearest nanosecond, saturating. seconds: not NaN.
Time from_seconds(double seconds);

}  // namespace laggard
