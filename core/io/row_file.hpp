// Files that grow row by row and can be read at any moment.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace laggard {

// One thread at a time. Rows appended before the last flush() survive the death of the process.
class RowFile {
 public:
  virtual ~RowFile() = default;

  virtual void append(std::string_view text) = 0;
  virtual void flush() = 0;
  // Completes the file and has it on the disk; nothing may be appended after.
  virtual void finish() = 0;
};

// Creates or empties `file`, for the option `what`. All of it throws Error, which begins with that,
// where the system refuses.
std::unique_ptr<RowFile> open_text_file(const std::filesystem::path& file,
                                        const char* what = "--output");
// The same in gzip's format, flushed at byte boundaries so that zcat shows all flushed rows.
std::unique_ptr<RowFile> open_gzip_file(const std::filesystem::path& file,
                                        const char* what = "--output");

}  // namespace laggard
