// The texts of --help and of `runner protocols`.
#pragma once

#include "core/schedule/protocol.hpp"

#include <string>

namespace laggard {

inline constexpr int kHelpWidth = 80;

// Every option by group, with range and default, and those of `protocol` in a group of their own.
std::string help_text(const Protocol& protocol);

// What `runner protocols` prints: a line or more for each.
std::string protocols_text();

// What `runner protocols NAME` prints: summary, source, and the options with type, range, default.
std::string protocol_text(const Protocol& protocol);

}  // namespace laggard
