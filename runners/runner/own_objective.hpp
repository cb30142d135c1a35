// Runs of methods that minimise something else than phi: what is said of phi means nothing there.
#pragma once

#include "core/method/method.hpp"
#include "runners/runner/config.hpp"
#include "runners/runner/given.hpp"

#include <string_view>

namespace laggard {

// Whether the run's method is one of those.
bool has_own_objective(const RunConfig& config);

// Whether the option says something of phi.
bool is_of_phi(std::string_view option);

// Throws Error where something is said of phi beside such a method. What a file says is left behind
// where the command line has chosen the method.
void refuse_phi(AllGiven& given, const Method& method);

}  // namespace laggard
