#include "runners/runner/commands/stored_runs.hpp"

#include "core/io/error.hpp"
#include "core/io/nearest.hpp"
#include "core/method/method.hpp"
#include "core/schedule/protocol.hpp"
#include "runners/runner/options.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace laggard {

namespace fs = std::filesystem;

std::vector<std::string> option_names() {
  std::vector<std::string> names;
  for (const RunOption& option : options()) names.push_back(option.name);
  for (const auto& [name, protocol] : protocols())
    for (const OptionSpec& option : protocol.options) names.push_back(option.name);
  for (const auto& [name, method] : methods())
    for (const OptionSpec& option : method.options) names.push_back(option.name);
  return names;
}

std::vector<fs::path> folders_of(const std::vector<std::string>& words) {
  if (words.empty()) return {"."};
  return {words.begin(), words.end()};
}

void check_field(std::string_view name, std::string_view what, std::span<const std::string> names) {
  if (std::ranges::find(names, name) != names.end()) return;
  const auto nearest = nearest_name(name, names);
  throw Error(fmt::format(
      "{}: {}: no option or column of that name; {}", what, name.empty() ? "nothing" : name,
      nearest ? fmt::format("did you mean {}?", *nearest) : "see runner columns"));
}

StoredRun run_called(const std::string& name, const std::string& in, std::string_view what) {
  if (!fs::exists(name)) {
    const std::vector<fs::path> folders = {in};
    return find_run(name, folders, what);
  }
  const std::vector<fs::path> folders = {name};
  std::vector<StoredRun> runs = load_runs(folders, what);
  if (runs.size() > 1)
    throw Error(fmt::format("{}: {}: holds {} runs; expected one of them, such as {}", what, name,
                            runs.size(), runs.front().folder.string()));
  return std::move(runs.front());
}

}  // namespace laggard
