// How messages travel, where that follows from the protocol.
#pragma once

#include "runners/runner/config.hpp"
#include "runners/runner/given.hpp"
#include "runners/runner/owners.hpp"

namespace laggard {

// Of a protocol that has workers talk to each other `direct`, or by the coordinator where the fleet
// has no such lines; a notice tells so. What a file says gives way to a protocol of the command
// line. Throws Error where an option does not go with it.
void settle_topology(RunConfig& config, const AllGiven& given, const Owners& owners);

}  // namespace laggard
