// From argv, and the --config file it may name, to one resolved configuration.
#pragma once

#include "runners/runner/config.hpp"
#include "runners/runner/config_file.hpp"

#include <optional>
#include <string>
#include <vector>

namespace laggard {

struct CommandLine {
  bool help = false;     // then `config` holds the protocol, the method and nothing else
  bool version = false;  // then `config` is the default
  RunConfig config;      // resolved
};

// Reads `arguments` (without the program's name): `--name value` and `--name=value`; of an option
// given twice the last holds; the command line overrides the file. Throws Error for what does not
// fit the tables of options or what contradicts itself. Touches no file but that of --config.
CommandLine parse_command_line(const std::vector<std::string>& arguments);

// One Setting an option, in order; flags have the value "true".
std::vector<Setting> split_arguments(const std::vector<std::string>& arguments);

}  // namespace laggard
