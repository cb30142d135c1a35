// The texts of --help, of `runner help` and of what `runner` tells of
// protocols and methods.
#pragma once

#include "core/method/method.hpp"
#include "core/schedule/protocol.hpp"
#include "runners/cli/program.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace laggard {

// The program with every command and option, those of protocols and methods too: for the manual
// page and for completion.
cli::ProgramText runner_program();

// About a screen: what is used most, and where more is.
std::string short_help();
// Every option by group, with range and default.
std::string long_help();
// topic: empty, "all" or the name of a command. Throws Error for another.
std::string help_on(std::string_view topic);
// The options of one protocol, or of one method.
std::string protocol_help(const Protocol& protocol);
std::string method_help(const Method& method);

// What `runner protocols` and `runner methods` print: a line or more for each.
std::string protocols_text();
std::string methods_text();

// What `runner protocols NAME` prints: summary, source, and the options with type, range, default.
std::string protocol_text(const Protocol& protocol);
std::string method_text(const Method& method);
boost::json::object protocol_json(const Protocol& protocol);
boost::json::object method_json(const Method& method);

}  // namespace laggard
