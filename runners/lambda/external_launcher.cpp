#include "runners/lambda/external_launcher.hpp"

#include "core/error.hpp"
#include "runners/lambda/open_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace laggard {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const char* what) {
  throw Error(fmt::format("--seats: {}: {}: {}", path.string(), what, std::strerror(errno)));
}

// Whole or not at all, and never readable by others.
void write_secret(const fs::path& file, const std::string& text) {
  const fs::path part = file.parent_path() / fmt::format(".{}.part", file.filename().string());
  const int descriptor = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) refuse(part, "cannot create it");
  const ssize_t written = ::write(descriptor, text.data(), text.size());
  ::close(descriptor);
  if (written != static_cast<ssize_t>(text.size())) {
    ::unlink(part.c_str());
    refuse(part, "cannot write it");
  }
  if (::rename(part.c_str(), file.c_str()) != 0) refuse(file, "cannot rename it");
}

bool is_seat(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.starts_with("seat-") || name.starts_with(".seat-");
}

}  // namespace

ExternalLauncher::ExternalLauncher(fs::path directory) : directory_(std::move(directory)) {
  created_ = ::mkdir(directory_.c_str(), 0700) == 0;
  if (!created_ && errno != EEXIST) refuse(directory_, "cannot create it");
  struct stat status {};
  if (::stat(directory_.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
    throw Error(fmt::format("--seats: {} is not a directory", directory_.string()));
  if (status.st_uid != ::geteuid() || (status.st_mode & 077) != 0)
    throw Error(fmt::format("--seats: {} is open to others, and seats hold secrets; expected a directory of "
                            "your own with mode 0700",
                            directory_.string()));
}

ExternalLauncher::~ExternalLauncher() {
  std::error_code ignored;
  if (lock_ >= 0) remove_seats();
  if (created_) {
    const fs::path file = directory_ / kCoordinatorFile;
    fs::remove(file, ignored);
    // Where somebody put something into the directory it stays, and its workers are still to end.
    if (!fs::remove(directory_, ignored) && lock_ >= 0) ::close(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  }
  if (lock_ >= 0) ::close(lock_);
}

void ExternalLauncher::remove_seats() {
  std::vector<fs::path> left;
  std::error_code gone;
  for (fs::directory_iterator entry(directory_, gone), end; !gone && entry != end; entry.increment(gone))
    if (is_seat(entry->path())) left.push_back(entry->path());
  for (const fs::path& seat : left) fs::remove(seat, gone);
}

void ExternalLauncher::prepare(int workers) {
  check_open_files(workers, 1);
  const fs::path file = directory_ / kCoordinatorFile;
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) refuse(file, "cannot create it");
  struct flock lock {};
  lock.l_type = F_WRLCK;
  if (::fcntl(descriptor, F_OFD_SETLK, &lock) != 0) {
    const int why = errno;
    ::close(descriptor);
    if (why == EAGAIN || why == EACCES)
      throw Error(fmt::format("--seats: another run uses {}; expected a directory for this run alone", directory_.string()));
    errno = why;
    refuse(file, "cannot lock it; expected a file system with locks");
  }
  lock_ = descriptor;
  remove_seats();
}

void ExternalLauncher::start(const Assignment& assignment, Ended) {
  // Nobody tells how the process ends; the end of its connection says all there is to know.
  std::string text = to_json(assignment);
  write_secret(seat({assignment.worker, assignment.incarnation}), text);
  wipe(std::as_writable_bytes(std::span(text)));
}

void ExternalLauncher::cancel(WorkerKey key) {
  std::error_code ignored;
  fs::remove(seat(key), ignored);
}

fs::path ExternalLauncher::seat(WorkerKey key) const {
  return directory_ / fmt::format("seat-{:05}-{}.json", key.worker, key.incarnation);
}

}  // namespace laggard
