// The options that protocols describe themselves.
#pragma once

#include "core/schedule/protocol.hpp"

#include <string>
#include <string_view>

namespace laggard {

// By name, or by the path of a plugin, which is loaded. Throws Error, beginning with `what`, that
// offers the nearest name or says what is wrong with the plugin.
const Protocol& find_protocol(std::string_view name, std::string_view what);

// Null if `protocol` has no option of that name.
const ProtocolOption* find_option(const Protocol& protocol, std::string_view name);

// The names of the other protocols that have such an option, joined by " and "; empty if none has.
std::string owners_of_option(std::string_view name);

// Reads a value by the option's type and range. Throws Error beginning with `what`.
OptionValue parse_option(const ProtocolOption& option, std::string_view text,
                         std::string_view what);

// What the value may be, for --help: "1 to 100", "a|b".
std::string describe_range(const ProtocolOption& option);

// Fills in the defaults and has the protocol check the whole. Throws Error.
void settle_options(const Protocol& protocol, ProtocolSetup& setup);

}  // namespace laggard
