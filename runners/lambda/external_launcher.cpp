#include "runners/lambda/external_launcher.hpp"

#include "core/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace laggard {
namespace {

namespace fs = std::filesystem;

// Tells workers that wait in the directory that the run is over.
constexpr const char* kFinished = "finished";

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
  for (const fs::path& file : written_) fs::remove(file, ignored);
  if (!created_) return;
  fs::remove(directory_ / kFinished, ignored);
  fs::remove(directory_, ignored);  // unless somebody put something there
}

void ExternalLauncher::prepare(int) {
  for (const fs::directory_entry& entry : fs::directory_iterator(directory_))
    if (is_seat(entry.path()))
      throw Error(fmt::format("--seats: {} holds {}, so another run uses it, or one died there; expected an "
                              "empty directory",
                              directory_.string(), entry.path().filename().string()));
  std::error_code ignored;
  fs::remove(directory_ / kFinished, ignored);
}

void ExternalLauncher::start(const Assignment& assignment, Ended) {
  // Nobody tells how the process ends; the end of its connection says all there is to know.
  std::string text = to_json(assignment);
  const fs::path file = seat({assignment.worker, assignment.incarnation});
  write_secret(file, text);
  written_.insert(file);
  wipe(std::as_writable_bytes(std::span(text)));
}

void ExternalLauncher::cancel(WorkerKey key) {
  std::error_code ignored;
  fs::remove(seat(key), ignored);
}

void ExternalLauncher::finish(Time) {
  const int descriptor = ::open((directory_ / kFinished).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor >= 0) ::close(descriptor);
}

fs::path ExternalLauncher::seat(WorkerKey key) const {
  return directory_ / fmt::format("seat-{:05}-{}.json", key.worker, key.incarnation);
}

}  // namespace laggard
