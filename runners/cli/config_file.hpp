// --config files: a JSON object of options, with comments and trailing commas.
#pragma once

#include "runners/cli/setting.hpp"

#include <filesystem>
#include <string_view>
#include <vector>

namespace laggard {

// The members of the object in `file`, in order. Values are numbers, strings and booleans. Throws
// Error with file:line for what cannot be read, is not JSON, or names a key twice.
std::vector<Setting> read_config_file(const std::filesystem::path& file);

// The same for text; `name` stands for the file in errors.
std::vector<Setting> parse_config(std::string_view source, std::string_view name);

}  // namespace laggard
