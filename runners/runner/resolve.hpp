// What options say together.
#pragma once

#include "runners/cli/setting.hpp"
#include "runners/runner/config.hpp"

#include <vector>

namespace laggard {

// The configuration that the settings of a file and of a command line come to, both in order.
// Absent values that follow from others are filled in, but for the number of shards, which the
// protocol decides. Throws Error for unknown names, bad values and contradictions. Where the file
// contradicts the command line, the file gives way.
RunConfig resolve(const std::vector<Setting>& file, const std::vector<Setting>& command_line);

}  // namespace laggard
