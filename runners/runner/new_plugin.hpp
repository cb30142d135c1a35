// `runner new-protocol`: a plugin to start from.
#pragma once

#include <filesystem>
#include <string>

namespace laggard {

// Writes the folder `name` in `directory`, from the templates in new_protocol/, and returns what to
// do next. Throws Error if `name` cannot be a protocol's, is one already, or exists as a file.
std::string new_protocol(const std::string& name, const std::filesystem::path& directory);
std::string new_method(const std::string& name, const std::filesystem::path& directory);

}  // namespace laggard
