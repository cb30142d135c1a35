// Protocols and methods by their names, and whose option is whose.
#pragma once

#include "core/method/method.hpp"
#include "core/schedule/protocol.hpp"

#include <string>
#include <string_view>

namespace laggard {

// By name, or by the path of a plugin, which is loaded. Throws Error, beginning with `what`, that
// offers the nearest name or says what is wrong with the plugin.
const Protocol& find_protocol(std::string_view name, std::string_view what);
const Method& find_method(std::string_view name, std::string_view what);

// The names of the protocols and methods that have such an option, "protocol async and method
// admm"; empty if none has.
std::string owners_of_option(std::string_view name);

}  // namespace laggard
