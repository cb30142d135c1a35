#include "core/io/output_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace laggard {
namespace {

[[noreturn]] void fail(const OutputFile& file) {
  const int error = errno;
  fail_to_write(error, fmt::format("{}: cannot write {}: {}", file.what(), file.path().string(),
                                   std::strerror(error)));
}

}  // namespace

void fail_to_write(int error, const std::string& message) {
  if (error == ENOSPC || error == EDQUOT || error == EFBIG || error == EIO)
    throw OutputError(message);
  throw Error(message);
}

OutputFile::OutputFile(std::filesystem::path file, std::string what, mode_t mode)
    : file_(std::move(file)), what_(std::move(what)) {
  descriptor_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
  if (descriptor_ < 0) fail(*this);
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void OutputFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(*this);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void OutputFile::sync_and_close() {
  // Pipes and devices cannot be synced, and say EINVAL.
  if (::fsync(descriptor_) != 0 && errno != EINVAL) fail(*this);
  close();
}

void OutputFile::close() {
  if (::close(std::exchange(descriptor_, -1)) != 0) fail(*this);
}

}  // namespace laggard
