// When residuals are small enough.                                                 [math 2]
#pragma once

#include "core/method/coordinator_half.hpp"

#include <string_view>

namespace laggard {

// certified: what boyd proposes is confirmed by a certificate; none: residuals never stop the run.
enum class StopRule { certified, boyd, paper, absolute, none };
std::string_view to_string(StopRule rule);

struct Stopping {
  StopRule rule = StopRule::certified;
  double eps_primal = 2e-2, eps_dual = 2e-2;  // paper, absolute
  double eps_abs = 1e-5, eps_rel = 1e-4;      // certified, boyd
  double eps_gap = 1e-4;                      // certified
};

// True if the rule holds; certified: if it proposes. Never before every shard has had a report
// accepted: r and s say nothing of a shard that has not contributed.
bool satisfied(const Stopping& stopping, const Residuals& residuals, int features);

}  // namespace laggard
