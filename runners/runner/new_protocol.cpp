#include "runners/runner/new_protocol.hpp"

#include "core/io/error.hpp"
#include "core/results/environment.hpp"
#include "core/schedule/protocol.hpp"
#include "laggard/templates.hpp"
#include "runners/runner/plugin.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <string_view>

namespace laggard {
namespace {

namespace fs = std::filesystem;

// The name becomes that of a function, a file and a CMake target.
void check_name(const std::string& name) {
  static const std::set<std::string_view> kTaken = {
      "all", "clean", "edit_cache", "help", "install", "list", "package", "test", "laggard"};
  if (!is_protocol_name(name) || name.size() > 64) {
    throw Error(fmt::format(
        "new-protocol: '{}' cannot be a name; expected a-z, 0-9 and _, a letter first, at most 64",
        name));
  }
  if (kTaken.contains(name)) {
    throw Error(
        fmt::format("new-protocol: {} means something else to CMake; expected another name", name));
  }
  if (protocols().contains(name)) {
    throw Error(
        fmt::format("new-protocol: there is a protocol {} already; expected another name", name));
  }
}

std::string fill(std::string text, const std::string& name) {
  const std::array<std::pair<std::string_view, std::string>, 2> values = {
      {{"@NAME@", name}, {"@VERSION@", version()}}};
  for (const auto& [mark, value] : values) {
    for (std::size_t at = 0; (at = text.find(mark, at)) != text.npos; at += value.size()) {
      text.replace(at, mark.size(), value);
    }
  }
  return text;
}

void write(const fs::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw Error(fmt::format("new-protocol: cannot write {}", file.string()));
}

}  // namespace

std::string new_protocol(const std::string& name, const fs::path& directory) {
  check_name(name);
  const fs::path folder = directory / name;
  std::error_code code;
  if (fs::exists(fs::symlink_status(folder, code))) {
    throw Error(fmt::format("new-protocol: {} exists; expected a new folder", folder.string()));
  }
  if (!fs::create_directories(folder, code)) {
    throw Error(fmt::format("new-protocol: cannot make the folder {}: {}", folder.string(),
                            code.message()));
  }
  write(folder / (name + ".cpp"), fill(kSourceTemplate, name));
  write(folder / "CMakeLists.txt", fill(kBuildTemplate, name));
  write(folder / "README.md", fill(kReadmeTemplate, name));
  return fmt::format(
      "{0} is written. To build and test it against the Laggard installed in PREFIX:\n"
      "  cmake -S {0} -B {0}/build -DCMAKE_PREFIX_PATH=PREFIX\n"
      "  cmake --build {0}/build\n"
      "  ctest --test-dir {0}/build\n",
      folder.string());
}

}  // namespace laggard
