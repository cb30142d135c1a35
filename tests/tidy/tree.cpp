#include "tests/tidy/tree.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <stdexcept>

namespace laggard::tidy {
namespace {

namespace fs = std::filesystem;

bool is_left_out(const fs::path& folder) {
  const std::string name = folder.filename();
  return name.starts_with(".") || name.starts_with("build");
}

bool is_source(const fs::path& file) {
  return file.extension() == ".cpp" || file.extension() == ".hpp";
}

SourceFile read(const fs::path& file) {
  SourceFile source{fs::relative(file, root()).generic_string(), {}};
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) source.lines.push_back(line);
  return source;
}

std::vector<SourceFile> read_all() {
  std::vector<SourceFile> found;
  for (fs::recursive_directory_iterator entry(root()), end; entry != end; ++entry) {
    if (entry->is_directory() && is_left_out(entry->path())) entry.disable_recursion_pending();
    if (entry->is_regular_file() && is_source(entry->path())) found.push_back(read(entry->path()));
  }
  std::sort(found.begin(), found.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  if (found.empty()) throw std::runtime_error("no sources in " + root());
  return found;
}

}  // namespace

std::string SourceFile::at(std::size_t line) const { return path + ":" + std::to_string(line + 1); }

std::string root() { return fs::path(LAGGARD_TESTS_DIR).parent_path().string(); }

const std::vector<SourceFile>& sources() {
  static const std::vector<SourceFile> all = read_all();
  return all;
}

std::string included(const SourceFile& from, const std::string& line) {
  static const std::regex pattern(R"re(\s*#\s*include\s+"([^"]+)".*)re");
  std::smatch match;
  if (!std::regex_match(line, match, pattern)) return {};
  const fs::path named = match[1].str();
  const fs::path beside = fs::path(from.path).parent_path() / named;
  return (fs::exists(root() / beside) ? beside : named).lexically_normal().generic_string();
}

std::string room_of(std::string_view path) {
  // How many folders a room's name has, by what it begins with.
  static const std::pair<std::string_view, int> kDepths[] = {{"core/", 2},
                                                             {"methods/", 2},
                                                             {"protocols/", 2},
                                                             {"runners/fleets/", 3},
                                                             {"runners/launchers/", 3},
                                                             {"runners/channels/", 3},
                                                             {"runners/", 2},
                                                             {"", 1}};
  const auto depth = std::find_if(std::begin(kDepths), std::end(kDepths),
                                  [&](const auto& entry) { return path.starts_with(entry.first); });
  const fs::path folder = fs::path(path).parent_path();
  fs::path room;
  int taken = 0;
  for (auto part = folder.begin(); part != folder.end() && taken < depth->second; ++part, ++taken)
    room /= *part;
  return room.generic_string();
}

std::string list(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "\n  " + line;
  return text;
}

}  // namespace laggard::tidy
