// A file that is written from its beginning to its end.
#pragma once

#include "core/io/error.hpp"

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace laggard {

// What was to be kept or shown cannot be written, and no other name would help. Programs exit with
// status 6.
struct OutputError : Error {
  using Error::Error;
};

// Throws OutputError where `error`, an errno, says that the disk is full or broken; else Error.
[[noreturn]] void fail_to_write(int error, const std::string& message);

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
