// What was said, by a file and by a command line.
#pragma once

#include "runners/cli/setting.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

struct Given {
  Setting setting;
  bool from_file = false;
};

// By name, those of protocol and method as in "protocol.tau"; the last of each.
using AllGiven = std::map<std::string, Given, std::less<>>;

// Null if it was not said.
inline const Given* find(const AllGiven& given, std::string_view name) {
  const auto found = given.find(name);
  return found == given.end() ? nullptr : &found->second;
}

inline const Setting* last(const std::vector<Setting>& settings, std::string_view name) {
  const Setting* found = nullptr;
  for (const Setting& setting : settings)
    if (setting.name == name) found = &setting;
  return found;
}

}  // namespace laggard
