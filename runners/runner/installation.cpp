#include "runners/runner/installation.hpp"

#include "core/io/error.hpp"
#include "core/io/nearest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace laggard {
namespace {

namespace fs = std::filesystem;

const std::string kBundled = ".svm.gz";

std::vector<std::string> sets_in(const fs::path& bundle) {
  std::vector<std::string> sets;
  std::error_code ignored;
  for (fs::directory_iterator entry(bundle, ignored), end; !ignored && entry != end;
       entry.increment(ignored)) {
    const std::string file = entry->path().filename().string();
    if (file.ends_with(kBundled)) sets.push_back(file.substr(0, file.size() - kBundled.size()));
  }
  std::sort(sets.begin(), sets.end());
  return sets;
}

std::string in_lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

fs::path program_folder() { return fs::read_symlink("/proc/self/exe").parent_path(); }

}  // namespace

fs::path worker_beside(bool loads_plugins) {
  const fs::path loader = program_folder() / "laggard-plugin-worker";
  return loads_plugins && fs::exists(loader) ? loader : program_folder() / "laggard-worker";
}

fs::path data_file(const std::string& name) {
  std::error_code ignored;
  const bool is_file = fs::exists(name, ignored) && !fs::is_directory(name, ignored);
  if (is_file || name.find('/') != name.npos) return name;
  const fs::path bundle = program_folder().parent_path() / "share/laggard/data";
  fs::path bundled = bundle / (name + kBundled);
  if (fs::exists(bundled, ignored)) return bundled;
  const std::vector<std::string> sets = sets_in(bundle);
  if (fs::exists(name, ignored) || name.find('.') != name.npos || sets.empty()) return name;
  const auto nearest = nearest_name(in_lower_case(name), sets);
  throw Error(fmt::format(
      "--data: {} is no file and no bundled set; {}expected a file in svmlight format, or {}", name,
      nearest ? fmt::format("did you mean {}? ", *nearest) : "", fmt::join(sets, ", ")));
}

}  // namespace laggard
