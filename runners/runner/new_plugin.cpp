#include "runners/runner/new_plugin.hpp"

#include "core/io/atomic_folder.hpp"
#include "core/io/output_file.hpp"
#include "core/method/method.hpp"
#include "core/results/environment.hpp"
#include "core/schedule/protocol.hpp"
#include "laggard/templates.hpp"
#include "runners/plugins/plugin.hpp"

#include <fmt/format.h>

#include <array>
#include <set>
#include <string_view>

namespace laggard {
namespace {

namespace fs = std::filesystem;

struct Kind {
  const char* command;
  PluginTemplate files;
};
constexpr Kind kProtocol = {"new-protocol", kProtocolTemplate};
constexpr Kind kMethod = {"new-method", kMethodTemplate};

// The name becomes that of a function, a file and a CMake target.
void check_name(const Kind& kind, const std::string& name) {
  static const std::set<std::string_view> kTaken = {
      "all", "clean", "edit_cache", "help", "install", "list", "package", "test", "laggard"};
  if (!is_plugin_name(name) || name.size() > 64) {
    throw Error(fmt::format(
        "{}: '{}' cannot be a name; expected a-z, 0-9 and _, a letter first, at most 64",
        kind.command, name));
  }
  if (kTaken.contains(name)) {
    throw Error(fmt::format("{}: {} means something else to CMake; expected another name",
                            kind.command, name));
  }
  if (protocols().contains(name) || methods().contains(name)) {
    throw Error(fmt::format("{}: there is a {} {} already; expected another name", kind.command,
                            protocols().contains(name) ? "protocol" : "method", name));
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

void write(const Kind& kind, const fs::path& file, const std::string& text) {
  OutputFile out(file, kind.command);
  out.write(text);
  out.close();
}

std::string new_plugin(const Kind& kind, const std::string& name, const fs::path& directory) {
  check_name(kind, name);
  const fs::path folder = directory / name;
  std::error_code code;
  const fs::file_type there = fs::symlink_status(folder, code).type();
  const bool is_empty = there == fs::file_type::directory && fs::is_empty(folder, code) && !code;
  if (there != fs::file_type::not_found && !is_empty) {
    throw Error(fmt::format("{}: {} exists; expected a new folder, or an empty one", kind.command,
                            folder.string()));
  }
  AtomicFolder whole(folder, kind.command);
  write(kind, whole.part() / (name + ".cpp"), fill(kind.files.source, name));
  write(kind, whole.part() / "CMakeLists.txt", fill(kind.files.build, name));
  write(kind, whole.part() / "README.md", fill(kind.files.readme, name));
  whole.publish();
  return fmt::format(
      "{0} is written. Build and test it with the Laggard installed in PREFIX:\n"
      "  cmake -S {0} -B {0}/build -DCMAKE_PREFIX_PATH=PREFIX\n"
      "  cmake --build {0}/build\n"
      "  ctest --test-dir {0}/build\n",
      folder.string());
}

}  // namespace

std::string new_protocol(const std::string& name, const fs::path& directory) {
  return new_plugin(kProtocol, name, directory);
}

std::string new_method(const std::string& name, const fs::path& directory) {
  return new_plugin(kMethod, name, directory);
}

}  // namespace laggard
