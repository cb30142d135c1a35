// Files that are there whole or not at all.
#pragma once

#include "core/io/output_file.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace laggard {

// Renames `part`, complete and on the disk, to `file` in the same folder; the new name is on the
// disk afterwards too, where the file system can do that. Throws Error, beginning with `what`.
void publish_file(const std::filesystem::path& part, const std::filesystem::path& file,
                  std::string_view what);

struct AtomicFileOptions {
  mode_t mode = 0666;
  bool several_writers = false;  // of one file at a time: each part has a name of its own
  bool durable = true;           // whole after a power cut too, which takes a wait for the disk
};

// Grows as FILE.part and takes its name when it is published. Throws Error as OutputFile does.
class AtomicFile {
 public:
  AtomicFile(std::filesystem::path file, std::string what, AtomicFileOptions options = {});
  ~AtomicFile();  // removes what was not published
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes) { out_->write(bytes); }
  void publish();

 private:
  std::filesystem::path file_;
  std::filesystem::path part_;
  bool durable_;
  std::optional<OutputFile> out_;
};

// All of it at once.
void write_atomically(const std::filesystem::path& file, std::string_view bytes, std::string what,
                      AtomicFileOptions options = {});

}  // namespace laggard
