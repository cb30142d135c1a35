// What a run that goes on from a checkpoint must have in common with the one that made it.
#pragma once

#include "core/schedule/checkpoint.hpp"
#include "runners/runner/config.hpp"

namespace laggard {

// Options of the problem, the method, the local solver and the protocol. Not the file of the data:
// that is told by the problem's fingerprint.
MadeWith made_with(const RunConfig& config);

}  // namespace laggard
