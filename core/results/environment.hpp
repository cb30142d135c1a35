// What a run was built from and ran on: the part of a result that a later reader cannot guess.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace laggard {

struct Environment {
  std::string version;   // of laggard
  std::string compiler;  // name and version
  std::string flags;
  std::string build_type;
  std::vector<std::pair<std::string, std::string>> libraries;  // name, version
  std::string cpu;           // model; "unknown" where the system does not tell
  std::string git_revision;  // of the sources; "-dirty" if they were changed; "unknown" without git
};

Environment environment();

const char* version();  // of laggard, as in "0.1.0"

}  // namespace laggard
