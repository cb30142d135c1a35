// The files of the source tree, as the tests of this folder read them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace laggard::tidy {

struct SourceFile {
  std::string path;  // from the root of the tree, with slashes
  std::vector<std::string> lines;

  std::string at(std::size_t line) const;  // "path:N", for a message; line: from 0
  bool ends_with(std::string_view suffix) const { return path.ends_with(suffix); }
  bool starts_with(std::string_view prefix) const { return path.starts_with(prefix); }
};

// C++ sources and headers, in the order of their paths. Builds are left out.
const std::vector<SourceFile>& sources();
std::string root();

// The file that an #include line with quotes names, from the root of the tree; empty: no such line.
// Sources outside core may name a file of their own folder by its name alone.
std::string included(const SourceFile& from, const std::string& line);

// The folder that a rule is about: core/io, protocols/sync, runners/fleets/sim, tests, ...
std::string room_of(std::string_view path);

// Lines for a failure's message.
std::string list(const std::vector<std::string>& lines);

}  // namespace laggard::tidy
