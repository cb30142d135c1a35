// What the options of a run need to have an effect.
#pragma once

#include "runners/runner/options.hpp"

#include <vector>

namespace laggard {

// Fills in only_with and only_values of `all`.
void add_needs(std::vector<RunOption>& all);

}  // namespace laggard
