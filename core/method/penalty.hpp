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
  bool relative = false;  // residuals are divided by their own scales, and rho changes by the
                          // square root of their ratio, at most by `factor`
  double patience = 1.5;  // relative: change n + 1 comes patience^n rounds after change n

  std::string text() const;  // canonical: "relative_balancing:mu=3,factor=10" or "fixed"
};
inline const PenaltyPolicy kRelativeBalancing{.mu = 3, .factor = 10, .relative = true};
// Throws Error naming what is expected.
PenaltyPolicy parse_penalty_policy(std::string_view text);

// Beyond it, or its inverse, squares of rho and 1/rho are no normal numbers any more.
inline constexpr double kLeastRho = 1e-150;

// --rho and --rho-policy, for methods that have a penalty and these policies of their own.
std::vector<OptionSpec> penalty_options();

}  // namespace laggard
