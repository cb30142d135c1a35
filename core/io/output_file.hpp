// A file that is written from its beginning to its end.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace laggard {

// Throws Error where the system refuses: `WHAT: cannot write FILE: why`, where `what` is the option
// or command that asked for the file.
class OutputFile {
 public:
  // Creates or empties the file.
  OutputFile(std::filesystem::path file, std::string what, mode_t mode = 0666);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view bytes);
  // Nothing may be written after.
  void close();
  void sync_and_close();  // what was written is on the disk

  const std::filesystem::path& path() const { return file_; }
  const std::string& what() const { return what_; }

 private:
  std::filesystem::path file_;
  std::string what_;
  int descriptor_ = -1;
};

}  // namespace laggard
