// A lock on a file that ends with the process, however that ends.
#pragma once

#include <filesystem>

namespace laggard {

// Between processes, on network file systems too (F_OFD_SETLK). The file stays.
class FileLock {
 public:
  FileLock() = default;  // of nothing
  // Creates the file (0600) if it is not there. False: somebody else holds the lock. Throws Error,
  // beginning with `what`, where it cannot be created or the file system knows no locks.
  bool take(const std::filesystem::path& file, const char* what);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  bool held() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

// Somebody holds the lock on that file; false also where it cannot be asked.
bool is_locked(int descriptor);

}  // namespace laggard
