// The penalty rho: where it starts, and how it follows the residuals.               [math 2.7]
#pragma once

#include "core/io/option_spec.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// How rho follows the residuals. factor = 1 means that it stays fixed.
struct PenaltyPolicy {
  double mu = 10;
  double factor = 2;

  std::string text() const;  // canonical: "residual_balancing:mu=10,factor=2" or "fixed"
};
// Throws Error naming what is expected.
PenaltyPolicy parse_penalty_policy(std::string_view text);

// --rho and --rho-policy, for methods that have a penalty.
std::vector<OptionSpec> penalty_options();

}  // namespace laggard
