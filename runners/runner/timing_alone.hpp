// Runs of methods that solve no problem: nothing that is said about one means anything there.
#pragma once

#include "core/method/method.hpp"
#include "runners/runner/config.hpp"
#include "runners/runner/given.hpp"

#include <vector>

namespace laggard {

// Whether the run's method is one of those.
bool times_alone(const RunConfig& config);

// The problem of a file's method that solves none is left behind with it where the run has another,
// `method`; and so are its limits, which are none.
void leave_timing_behind(AllGiven& given, const std::vector<Setting>& file, const Method& method);

// Gives such a run a problem of a row a shard. Throws Error where the command line speaks of
// another.
void settle_timing(RunConfig& config, AllGiven& given);

}  // namespace laggard
