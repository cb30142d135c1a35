// The text of --help.
#pragma once

#include "core/schedule/protocol.hpp"

#include <string>

namespace laggard {

inline constexpr int kHelpWidth = 80;

// Every option by group, with range and default, and those of `protocol` in a group of their own.
std::string help_text(const Protocol& protocol);

}  // namespace laggard
