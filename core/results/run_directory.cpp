#include "core/results/run_directory.hpp"

#include "core/io/atomic_file.hpp"
#include "core/io/error.hpp"
#include "core/io/json_fields.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

namespace laggard {
namespace {

namespace fs = std::filesystem;

// run.json is removed first: what is left without it belongs to nobody.
constexpr std::array<std::string_view, 7> kResults = {
    kRunFile,    "iterations.csv", "workers.csv.gz", "solution.csv",
    "fleet.csv", "per_worker.csv", "models.csv"};
constexpr std::string_view kLock = ".lock";

[[noreturn]] void refuse(const fs::path& directory, std::string_view why) {
  throw Error(fmt::format("--output: {}: {}", directory.string(), why));
}

[[noreturn]] void refuse_in_use(const fs::path& directory) {
  const std::string pid = lock_owner(directory / kLock);
  refuse(directory, fmt::format("in use{}; expected another directory",
                                pid.empty() ? "" : " by process " + pid));
}

// As it is written; empty without the file.
std::string written_status(const fs::path& directory) {
  if (!fs::exists(fs::symlink_status(directory / kRunFile))) return {};
  std::ifstream in(directory / kRunFile, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  std::string status = loose_text(loose_object(text), "status");
  return status.empty() ? std::string(run_status::kFinished) : status;
}

void check_results(const fs::path& directory, bool overwrite) {
  if (overwrite) return;
  const std::string status = written_status(directory);
  if (status == run_status::kRunning || status == run_status::kFailed) return;
  for (const std::string_view name : kResults) {
    if (!fs::exists(fs::symlink_status(directory / name))) continue;
    const std::string_view held = name != kRunFile                     ? "already holds"
                                  : status == run_status::kInterrupted ? "holds an interrupted run:"
                                                                       : "holds a finished run:";
    refuse(directory, fmt::format("{} {}; expected another directory, or --overwrite", held, name));
  }
}

// The directory, or the nearest of its parents that exists.
fs::path nearest_existing(const fs::path& directory) {
  fs::path at = fs::absolute(directory).lexically_normal();
  std::error_code error;
  while (!fs::exists(at, error) && at.has_parent_path() && at != at.parent_path()) {
    at = at.parent_path();
  }
  return at;
}

}  // namespace

std::string status_of_run(const fs::path& directory) {
  std::string status = written_status(directory);
  if (status == run_status::kRunning && !is_locked(directory / kLock))
    status = run_status::kInterrupted;
  return status;
}

void RunDirectory::check(const fs::path& directory, bool overwrite) {
  const fs::path existing = nearest_existing(directory);
  std::error_code error;
  if (!fs::is_directory(existing, error)) {
    refuse(directory, fmt::format("{} is not a directory", existing.string()));
  }
  if (::access(existing.c_str(), W_OK | X_OK) != 0) {
    refuse(directory,
           fmt::format("cannot write to {}: {}", existing.string(), std::strerror(errno)));
  }
  if (!fs::exists(directory, error)) return;

  if (is_locked(directory / kLock)) refuse_in_use(directory);
  check_results(directory, overwrite);
}

RunDirectory::RunDirectory(fs::path directory, bool overwrite) : directory_(std::move(directory)) {
  std::error_code error;
  fs::create_directories(directory_, error);
  if (error)
    fail_to_write(error.value(), fmt::format("--output: {}: cannot create it: {}",
                                             directory_.string(), error.message()));
  if (!fs::is_directory(directory_)) refuse(directory_, "cannot create it: it is not a directory");
  if (!lock_.take(directory_ / kLock, "--output")) refuse_in_use(directory_);
  try {
    check_results(directory_, overwrite);
    for (const std::string_view name : kResults) {
      for (const fs::path& file : {directory_ / name, part(name)}) {
        if (!fs::remove(file, error) && error) {
          refuse(directory_,
                 fmt::format("cannot remove {}: {}", file.filename().string(), error.message()));
        }
      }
    }
  } catch (...) {
    lock_.remove();
    throw;
  }
}

RunDirectory::~RunDirectory() { lock_.remove(); }

fs::path RunDirectory::part(std::string_view name) const {
  return directory_ / fmt::format("{}.part", name);
}

void RunDirectory::publish(std::string_view name) {
  publish_file(part(name), directory_ / name, "--output");
}

void RunDirectory::write(std::string_view name, std::string_view text) {
  write_atomically(directory_ / name, text, "--output");
}

}  // namespace laggard
