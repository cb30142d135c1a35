// Folders that are there whole or not at all.
#pragma once

#include <filesystem>
#include <string>

namespace laggard {

// Grows as the hidden .FOLDER.part beside it, and takes its name when it is published. Throws Error
// where the system refuses: `WHAT: cannot write FOLDER: why`.
class AtomicFolder {
 public:
  // Of a folder or file of that part name nothing is kept: a killed process has left it.
  AtomicFolder(std::filesystem::path folder, std::string what);
  ~AtomicFolder();  // removes what was not published
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;

  // Where it grows.
  const std::filesystem::path& part() const { return part_; }
  // All in it is on the disk first. A folder that has the name already is replaced.
  void publish();

 private:
  [[noreturn]] void fail(int error) const;
  void sync() const;

  std::filesystem::path folder_;
  std::filesystem::path part_;
  std::string what_;
};

}  // namespace laggard
