// What the program does beside running: `runner protocols`, `runner new-protocol`.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace laggard {

// Carries out the command that the first of `arguments` (without the program's name) is and returns
// what to print; nothing if it is none, so that all of them are options. Throws Error.
std::optional<std::string> run_command(const std::vector<std::string>& arguments);

}  // namespace laggard
