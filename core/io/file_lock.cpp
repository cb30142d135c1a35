#include "core/io/file_lock.hpp"

#include "core/io/output_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <tuple>
#include <utility>

namespace laggard {
namespace {

namespace fs = std::filesystem;

struct flock whole_file() {
  struct flock lock{};
  lock.l_type = F_WRLCK;
  return lock;
}

// True if both are the same file: it may have been removed by its holder while we opened it.
bool is_same_file(int descriptor, const fs::path& file) {
  struct stat opened{}, named{};
  return ::fstat(descriptor, &opened) == 0 && ::stat(file.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

void write_owner(int descriptor) {
  const std::string pid = std::to_string(::getpid());
  // Only a courtesy to whoever finds the file locked, so a failure is of no consequence.
  if (::ftruncate(descriptor, 0) == 0)
    std::ignore = ::pwrite(descriptor, pid.data(), pid.size(), 0);
}

}  // namespace

bool FileLock::take(const fs::path& file, const char* what) {
  for (;;) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0) {
      const int error = errno;
      fail_to_write(error, fmt::format("{}: cannot create {}: {}", what, file.string(),
                                       std::strerror(error)));
    }
    struct flock lock = whole_file();
    if (::fcntl(descriptor, F_OFD_SETLK, &lock) != 0) {
      const int why = errno;
      ::close(descriptor);
      if (why == EAGAIN || why == EACCES) return false;
      throw Error(fmt::format("{}: cannot lock {}: {}; expected a file system with locks", what,
                              file.string(), std::strerror(why)));
    }
    if (is_same_file(descriptor, file)) {
      write_owner(descriptor);
      descriptor_ = descriptor;
      file_ = file;
      return true;
    }
    ::close(descriptor);
  }
}

void FileLock::remove() {
  std::error_code ignored;
  fs::remove(file_, ignored);  // before the lock is let go, so that it is ours
  ::close(std::exchange(descriptor_, -1));
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool is_locked(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  struct flock lock = whole_file();
  const bool locked = ::fcntl(descriptor, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(descriptor);
  return locked;
}

std::string lock_owner(const fs::path& file) {
  std::string pid;
  std::ifstream(file) >> pid;
  return pid;
}

}  // namespace laggard
