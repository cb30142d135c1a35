#include "core/io/atomic_file.hpp"

#include "core/io/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace laggard {
namespace {

namespace fs = std::filesystem;

fs::path part_of(const fs::path& file, bool several_writers) {
  static std::atomic<int> counter{0};
  fs::path part = file;
  if (several_writers) part += fmt::format(".{}.{}", ::getpid(), counter++);
  return part += ".part";
}

void rename_file(const fs::path& part, const fs::path& file, std::string_view what) {
  if (::rename(part.c_str(), file.c_str()) == 0) return;
  const int error = errno;
  fail_to_write(error,
                fmt::format("{}: cannot write {}: {}", what, file.string(), std::strerror(error)));
}

}  // namespace

void publish_file(const fs::path& part, const fs::path& file, std::string_view what) {
  rename_file(part, file, what);
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);  // the rename itself; not every file system can
  ::close(descriptor);
}

AtomicFile::AtomicFile(fs::path file, std::string what, AtomicFileOptions options)
    : file_(std::move(file)),
      part_(part_of(file_, options.several_writers)),
      durable_(options.durable) {
  std::error_code ignored;
  fs::remove(part_, ignored);  // what a killed process has left, with its mode
  out_.emplace(part_, std::move(what), options.mode);
}

AtomicFile::~AtomicFile() {
  std::error_code ignored;
  if (out_) fs::remove(part_, ignored);
}

void AtomicFile::publish() {
  if (durable_) {
    out_->sync_and_close();
    publish_file(part_, file_, out_->what());
  } else {
    out_->close();
    rename_file(part_, file_, out_->what());
  }
  out_.reset();
}

void write_atomically(const fs::path& file, std::string_view bytes, std::string what,
                      AtomicFileOptions options) {
  AtomicFile out(file, std::move(what), options);
  out.write(bytes);
  out.publish();
}

}  // namespace laggard
