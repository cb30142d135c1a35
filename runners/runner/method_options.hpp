// From a run's configuration to what its method is made from.
#pragma once

#include "core/method/make_method.hpp"
#include "runners/runner/config.hpp"

namespace laggard {

// config: settled, so that the protocol's tau and gamma are in it. `threads` is left at 1.
MethodOptions method_options(const RunConfig& config);

}  // namespace laggard
