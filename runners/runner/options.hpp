// The one table of options. Parsing, --help, --config, --print-config and run.json follow from it:
// a new option is one entry here and one member of RunConfig.
#pragma once

#include "runners/cli/option.hpp"
#include "runners/runner/config.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace laggard {

using RunOption = cli::Option<RunConfig>;

// The headings of the help.
namespace group {
inline constexpr const char* kRun = "Run";
inline constexpr const char* kProblem = "Problem";
inline constexpr const char* kMethod = "Method";
inline constexpr const char* kStopping = "Stopping";
inline constexpr const char* kFleetModel = "Fleet model";
inline constexpr const char* kProcesses = "Workers that are processes";
inline constexpr const char* kOutput = "Output";
inline constexpr const char* kGeneral = "General";
}  // namespace group

// In the order of --help: by group. --config, --help and --version are not in it: they say where a
// configuration comes from and what to do with it, and are no part of one.
const std::vector<RunOption>& options();

// Null if there is none of that name.
const RunOption* find_option(std::string_view name);

// Whether the option does anything in this run, which is resolved.
bool has_effect(const RunOption& option, const RunConfig& config);

// Every option that has a value and an effect, by name, then those of the protocol and the method:
// what --config takes back.
boost::json::object configuration_json(const RunConfig& config);

}  // namespace laggard
