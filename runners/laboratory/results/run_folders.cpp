#include "runners/laboratory/results/run_folders.hpp"

#include "core/results/run_directory.hpp"

#include <sys/stat.h>

#include <algorithm>

namespace laggard {
namespace {

namespace fs = std::filesystem;

constexpr int kLevelsBelow = 3;

bool look_at(const fs::path& folder, std::string path, std::vector<RunFolder>& found) {
  struct stat status{};
  if (::stat((folder / kRunFile).c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
  const std::int64_t modified =
      std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  found.push_back({std::move(path), modified, status.st_size});
  return true;
}

void look_below(const fs::path& folder, const std::string& path, int levels,
                std::vector<RunFolder>& found) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code none;
    const std::string name = at->path().filename().string();
    if (name.starts_with('.') || !at->is_directory(none)) continue;
    std::string below = path.empty() ? name : path + '/' + name;
    if (!look_at(at->path(), below, found) && levels > 1)
      look_below(at->path(), below, levels - 1, found);
  }
}

}  // namespace

std::vector<RunFolder> run_folders(const fs::path& folder) {
  std::vector<RunFolder> found;
  if (look_at(folder, ".", found)) return found;
  look_below(folder, "", kLevelsBelow, found);
  std::ranges::sort(found, {}, &RunFolder::path);
  return found;
}

}  // namespace laggard
