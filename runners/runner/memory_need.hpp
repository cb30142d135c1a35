// What a run takes for each of the d features, so that one that cannot fit is refused before it
// begins.
#pragma once

#include "runners/runner/config.hpp"

namespace laggard {

// Bytes, and not more than it really takes: vectors of length d here and in the worker processes
// that this machine runs. What the data and their rows take comes on top.
double bytes_per_feature(const RunConfig& config);

}  // namespace laggard
