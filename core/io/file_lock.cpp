#include "core/io/file_lock.hpp"

#include "core/io/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace laggard {
namespace {

struct flock whole_file() {
  struct flock lock{};
  lock.l_type = F_WRLCK;
  return lock;
}

}  // namespace

bool FileLock::take(const std::filesystem::path& file, const char* what) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0)
    throw Error(fmt::format("{}: cannot create {}: {}", what, file.string(), std::strerror(errno)));
  struct flock lock = whole_file();
  if (::fcntl(descriptor, F_OFD_SETLK, &lock) == 0) {
    descriptor_ = descriptor;
    return true;
  }
  const int why = errno;
  ::close(descriptor);
  if (why == EAGAIN || why == EACCES) return false;
  throw Error(fmt::format("{}: cannot lock {}: {}; expected a file system with locks", what,
                          file.string(), std::strerror(why)));
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool is_locked(int descriptor) {
  struct flock lock = whole_file();
  return ::fcntl(descriptor, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

}  // namespace laggard
