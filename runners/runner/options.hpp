// The one table of options. Parsing, --help, --config, --print-config and run.json follow from it:
// a new option is one entry here and one member of RunConfig.
#pragma once

#include "runners/runner/config.hpp"

#include <boost/json/value.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

enum class OptionGroup { run, problem, method, stopping, fleet_model, processes, output };
std::string_view title(OptionGroup group);

struct Option {
  std::string name;  // without dashes
  OptionGroup group = OptionGroup::run;
  std::string metavar;       // what stands for the value in --help; empty: a flag
  std::string range;         // what the value may be; empty where the metavar says it
  std::string default_text;  // empty: nothing
  std::string help;          // a phrase, no full stop

  // Reads `text` into the configuration. `what` names the option in errors. Throws Error.
  std::function<void(RunConfig&, std::string_view text, std::string_view what)> parse;
  // The canonical value, which parse() takes back; null where the configuration has none.
  std::function<boost::json::value(const RunConfig&)> print;

  bool is_flag() const { return metavar.empty(); }
};

// In the order of --help: by group. --config, --help and --version are not in it: they say where a
// configuration comes from and what to do with it, and are no part of one.
const std::vector<Option>& options();

// Null if there is none of that name.
const Option* find_option(std::string_view name);

// Every option that has a value, by name, then the protocol's own: what --config takes back.
boost::json::object configuration_json(const RunConfig& config);

}  // namespace laggard
