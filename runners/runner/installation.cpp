#include "runners/runner/installation.hpp"

namespace laggard {
namespace {

namespace fs = std::filesystem;

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
  fs::path bundled = program_folder().parent_path() / "share/laggard/data" / (name + ".svm.gz");
  return fs::exists(bundled, ignored) ? bundled : fs::path(name);
}

}  // namespace laggard
