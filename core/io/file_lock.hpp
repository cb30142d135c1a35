// A lock on a file that ends with the process, however that ends.
#pragma once

#include <filesystem>
#include <string>

namespace laggard {

// Between processes, on network file systems too (F_OFD_SETLK). The file stays, unless it is
// removed by the holder, and holds the number of the process that took the lock last.
class FileLock {
 public:
  FileLock() = default;  // of nothing
  // Creates the file if it is not there. False: somebody else holds the
  // lock. Throws Error, beginning with `what`, where it cannot be created or the file system knows
  // no locks.
  bool take(const std::filesystem::path& file, const char* what);
  // Removes the file and lets the lock go.
  void remove();
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  bool held() const { return descriptor_ >= 0; }

 private:
  std::filesystem::path file_;
  int descriptor_ = -1;
};

// Somebody holds the lock on that file; false also where it cannot be asked.
bool is_locked(const std::filesystem::path& file);

// What the holder of the lock has written into the file: the number of its process.
std::string lock_owner(const std::filesystem::path& file);

}  // namespace laggard
