// What the program does beside running: `runner protocols`, `runner new-protocol`,
// `runner pack-shards`, `runner doctor`.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace laggard {

struct CommandOutput {
  CommandOutput(std::string printed, bool is_good = true)
      : text(std::move(printed)), good(is_good) {}

  std::string text;  // to be printed
  bool good = true;  // false: what it looked at is not as it should be, exit code 4
};

// Carries out the command that the first of `arguments` (without the program's name) is; nothing if
// it is none, so that all of them are options. Throws Error.
std::optional<CommandOutput> run_command(const std::vector<std::string>& arguments,
                                         const std::atomic<bool>& interrupted);

}  // namespace laggard
