#include "runners/laboratory/report/found_run.hpp"

#include "core/io/error.hpp"
#include "core/io/json_fields.hpp"
#include "core/results/run_directory.hpp"
#include "runners/cli/config_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

namespace laggard {
namespace {

namespace fs = std::filesystem;

constexpr int kLevels = 3;

bool is_run(const fs::path& folder) {
  std::error_code none;
  return fs::is_regular_file(folder / "run.json", none);
}

void collect(const fs::path& folder, int levels, std::vector<fs::path>& found) {
  if (is_run(folder)) {
    found.push_back(folder);
    return;
  }
  if (levels == 0) return;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    std::error_code none;
    if (entry.is_directory(none)) collect(entry.path(), levels - 1, found);
  }
}

FoundRun read_run(const fs::path& folder, const std::string& what) {
  FoundRun found;
  found.folder = folder;
  const fs::path file = folder / "run.json";
  found.run = loose_object(read_whole(file, what));
  const boost::json::value* configuration = found.run.if_contains("configuration");
  if (!configuration || !configuration->is_object())
    throw Error(fmt::format("{}: {}: no configuration; expected the run.json of a run", what,
                            file.string()));
  found.id = loose_text(found.run, "id");
  if (found.id.empty()) found.id = folder.filename().string();
  found.status = status_of_run(folder);
  return found;
}

}  // namespace

std::vector<FoundRun> find_runs(std::span<const fs::path> folders, const std::string& what) {
  std::vector<FoundRun> runs;
  for (const fs::path& folder : folders) {
    if (!fs::is_directory(folder))
      throw Error(fmt::format("{}: {}: no such folder; expected one of runner --output", what,
                              folder.string()));
    std::vector<fs::path> found;
    collect(folder, kLevels, found);
    if (found.empty())
      throw Error(
          fmt::format("{}: {}: no run.json in it or below; expected a folder of runner --output",
                      what, folder.string()));
    std::sort(found.begin(), found.end());
    for (const fs::path& each : found) runs.push_back(read_run(each, what));
  }
  return runs;
}

}  // namespace laggard
