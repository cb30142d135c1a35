// --config files: a JSON object of options, with comments and trailing commas.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// One option as someone gave it.
struct Setting {
  enum class Kind { text, number, boolean };

  std::string name;        // without dashes
  std::string value;       // as written; a JSON string without its quotes
  std::string what;        // how errors call it: "--rho", or "FILE:3: rho"
  Kind kind = Kind::text;  // of the JSON value; all that comes from a command line is text
};

// The members of the object in `file`, in order. Values are numbers, strings and booleans. Throws
// Error with file:line for what cannot be read, is not JSON, or names a key twice.
std::vector<Setting> read_config_file(const std::filesystem::path& file);

// The same for text; `name` stands for the file in errors.
std::vector<Setting> parse_config(std::string_view source, std::string_view name);

}  // namespace laggard
