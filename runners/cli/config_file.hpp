// --config files: a JSON object of options, with comments and trailing commas.
#pragma once

#include "runners/cli/setting.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// What the text may hold: objects within the object, with depth 2, whose members are called
// "outer.inner".
struct JsonShape {
  int depth = 1;
  std::string_view is = "an object of options";
};

// The members of the object in `file`, in order. Values are numbers, strings and booleans. Throws
// Error with file:line for what cannot be read, is not JSON, or names a key twice.
std::vector<Setting> read_config_file(const std::filesystem::path& file);

// All of `file`. Throws Error beginning with `what`.
std::string read_whole(const std::filesystem::path& file, std::string_view what);

// The same as read_config_file() for text; `name` stands for the file in errors.
std::vector<Setting> parse_config(std::string_view source, std::string_view name,
                                  const JsonShape& shape = {});

}  // namespace laggard
