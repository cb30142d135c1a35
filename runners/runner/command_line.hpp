// From argv, and the --config file it may name, to one resolved configuration.
#pragma once

#include "runners/runner/config.hpp"

#include <optional>
#include <string>
#include <vector>

namespace laggard {

struct CommandLine {
  std::optional<std::string> help;  // asked for: its text; then `config` is the default
  RunConfig config;                 // resolved
};

// Reads `arguments` (without the program's name): `--name value` and `--name=value`; of an option
// given twice the last holds; the command line overrides the file. Throws Error for what does not
// fit the tables of options or what contradicts itself. Touches no file but that of --config.
CommandLine parse_command_line(const std::vector<std::string>& arguments);

}  // namespace laggard
