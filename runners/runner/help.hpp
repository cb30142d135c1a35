// The texts of --help and of `runner protocols`.
#pragma once

#include "core/method/method.hpp"
#include "core/schedule/protocol.hpp"

#include <string>

namespace laggard {

inline constexpr int kHelpWidth = 80;

// Every option by group, with range and default, and those of the protocol and the method in
// groups of their own.
std::string help_text(const Protocol& protocol, const Method& method);

// What `runner protocols` and `runner methods` print: a line or more for each.
std::string protocols_text();
std::string methods_text();

// What `runner protocols NAME` prints: summary, source, and the options with type, range, default.
std::string protocol_text(const Protocol& protocol);
std::string method_text(const Method& method);

}  // namespace laggard
