// What runs are called beside each other.
#pragma once

#include "runners/laboratory/results/index.hpp"

#include <string>
#include <vector>

namespace laggard {

// Of each run its protocol, its method if that is not admm, and those options that tell it from
// other runs of the same protocol under the same conditions (seed, workers, data, stragglers):
// "async tau=8".
std::vector<std::string> labels(const std::vector<StoredRun>& runs);

}  // namespace laggard
