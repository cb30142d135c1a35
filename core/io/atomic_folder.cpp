#include "core/io/atomic_folder.hpp"

#include "core/io/atomic_file.hpp"
#include "core/io/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

namespace laggard {
namespace {

namespace fs = std::filesystem;

// Without a slash at its end, which would take the name away.
fs::path named(const fs::path& folder) {
  fs::path normal = folder.lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

int sync_one(const fs::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return errno;
  const int error = ::fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno;
  ::close(descriptor);
  return error;
}

}  // namespace

AtomicFolder::AtomicFolder(fs::path folder, std::string what)
    : folder_(named(folder)), what_(std::move(what)) {
  part_ = folder_.parent_path() / fmt::format(".{}.part", folder_.filename().string());
  std::error_code error;
  fs::remove_all(part_, error);
  if (!error) fs::create_directories(part_, error);
  if (error) fail(error.value());
}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (!part_.empty()) fs::remove_all(part_, ignored);
}

void AtomicFolder::fail(int error) const {
  fail_to_write(
      error, fmt::format("{}: cannot write {}: {}", what_, folder_.string(), std::strerror(error)));
}

void AtomicFolder::sync() const {
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(part_))
    if (const int error = sync_one(entry.path())) fail(error);
  if (const int error = sync_one(part_)) fail(error);
}

void AtomicFolder::publish() {
  sync();
  std::error_code none;
  if (!fs::exists(fs::symlink_status(folder_, none))) {
    publish_file(part_, folder_, what_);
    part_.clear();
    return;
  }
  // The two change names at once, so that there is a whole one at every moment.
  if (::renameat2(AT_FDCWD, part_.c_str(), AT_FDCWD, folder_.c_str(), RENAME_EXCHANGE) != 0)
    fail(errno);
  sync_one(folder_.has_parent_path() ? folder_.parent_path() : fs::path("."));
}

}  // namespace laggard
