// Whom the options of a run belong to, beside the program.
#pragma once

#include "core/method/method.hpp"
#include "core/schedule/protocol.hpp"
#include "runners/cli/setting.hpp"

#include <vector>

namespace laggard {

struct Owners {
  const Protocol& protocol;
  const Method& method;
};

// The protocol and the method that were chosen: by the command line, or else by the file. A
// protocol may have one method that goes with it alone; of the file, the method gives way to it.
// Throws Error where they do not go together.
Owners find_owners(const std::vector<Setting>& file, const std::vector<Setting>& command_line);

}  // namespace laggard
