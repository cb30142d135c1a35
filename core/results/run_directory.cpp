#include "core/results/run_directory.hpp"

#include "core/io/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <tuple>
#include <utility>

namespace laggard {
namespace {

namespace fs = std::filesystem;

// run.json is the sign of a finished run: it is written last and removed first.
constexpr std::array<std::string_view, 6> kResults = {
    "run.json", "iterations.csv", "workers.csv.gz", "solution.csv", "fleet.csv", "per_worker.csv"};
constexpr std::string_view kLock = ".lock";

[[noreturn]] void refuse(const fs::path& directory, std::string_view why) {
  throw Error(fmt::format("--output: {}: {}", directory.string(), why));
}

[[noreturn]] void refuse_in_use(const fs::path& directory, int lock) {
  std::array<char, 32> owner{};
  const ssize_t size = ::pread(lock, owner.data(), owner.size() - 1, 0);
  const std::string pid = size > 0 ? fmt::format(" by process {}", owner.data()) : "";
  ::close(lock);
  refuse(directory, fmt::format("in use{}; expected another directory", pid));
}

void check_results(const fs::path& directory, bool overwrite) {
  if (overwrite) return;
  for (const std::string_view name : kResults) {
    if (!fs::exists(fs::symlink_status(directory / name))) continue;
    const bool is_finished = name == kResults.front();
    refuse(directory, fmt::format("{} {}; expected another directory, or --overwrite",
                                  is_finished ? "holds a finished run:" : "already holds", name));
  }
}

// True if both are the same file: a lock may have been removed by its owner while we waited for it.
bool is_same_file(int descriptor, const fs::path& file) {
  struct stat opened{}, named{};
  return ::fstat(descriptor, &opened) == 0 && ::stat(file.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

int take_lock(const fs::path& directory) {
  const fs::path file = directory / kLock;
  for (;;) {
    const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (lock < 0) refuse(directory, fmt::format("cannot write to it: {}", std::strerror(errno)));
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) refuse_in_use(directory, lock);
    if (is_same_file(lock, file)) return lock;
    ::close(lock);
  }
}

void write_owner(int lock) {
  const std::string pid = std::to_string(::getpid());
  // Only a courtesy to whoever finds the directory locked, so a failure is of no consequence.
  if (::ftruncate(lock, 0) == 0) std::ignore = ::pwrite(lock, pid.data(), pid.size(), 0);
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

  const int lock = ::open((directory / kLock).c_str(), O_RDONLY | O_CLOEXEC);
  if (lock >= 0) {
    if (::flock(lock, LOCK_SH | LOCK_NB) != 0) refuse_in_use(directory, lock);
    ::close(lock);
  }
  check_results(directory, overwrite);
}

RunDirectory::RunDirectory(fs::path directory, bool overwrite) : directory_(std::move(directory)) {
  std::error_code error;
  fs::create_directories(directory_, error);
  if (error || !fs::is_directory(directory_)) {
    refuse(directory_,
           fmt::format("cannot create it: {}", error ? error.message() : "it is not a directory"));
  }
  lock_ = take_lock(directory_);
  try {
    check_results(directory_, overwrite);
    write_owner(lock_);
    for (const std::string_view name : kResults) {
      for (const fs::path& file : {directory_ / name, part(name)}) {
        if (!fs::remove(file, error) && error) {
          refuse(directory_,
                 fmt::format("cannot remove {}: {}", file.filename().string(), error.message()));
        }
      }
    }
  } catch (...) {
    ::close(lock_);
    throw;
  }
}

RunDirectory::~RunDirectory() {
  std::error_code ignored;
  fs::remove(directory_ / kLock, ignored);  // before the lock is let go, so that it is ours
  ::close(lock_);
}

fs::path RunDirectory::part(std::string_view name) const {
  return directory_ / fmt::format("{}.part", name);
}

void RunDirectory::publish(std::string_view name) {
  std::error_code error;
  fs::rename(part(name), directory_ / name, error);
  if (error) refuse(directory_, fmt::format("cannot rename {}.part: {}", name, error.message()));
  const int descriptor = ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);  // the rename itself; not every file system can
  ::close(descriptor);
}

}  // namespace laggard
