#include "runners/launchers/external/external_launcher.hpp"

#include "core/io/atomic_file.hpp"
#include "core/io/error.hpp"
#include "runners/channels/open_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

namespace laggard {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const char* what) {
  throw Error(fmt::format("--seats: {}: {}: {}", path.string(), what, std::strerror(errno)));
}

bool is_seat(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.starts_with("seat-") || name.starts_with(".seat-") ||
         name.starts_with(std::string(kFailedSeat) + "seat-");
}

constexpr Time kPeriod = std::chrono::milliseconds(500);
// A worker says itself that it cannot connect; this is for one that died.
constexpr Time kPatience = kConnectTimeout + std::chrono::seconds(5);

}  // namespace

ExternalLauncher::ExternalLauncher(boost::asio::io_context& loop, fs::path directory, Time patience)
    : directory_(std::move(directory)), patience_(patience), timer_(loop) {
  created_ = ::mkdir(directory_.c_str(), 0700) == 0;
  if (!created_ && errno != EEXIST) refuse(directory_, "cannot create it");
  struct stat status{};
  // Not what a link leads to: whoever made it could lead it elsewhere.
  if (::lstat(directory_.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
    throw Error(fmt::format("--seats: {} is {}; expected a directory of your own",
                            directory_.string(),
                            S_ISLNK(status.st_mode) ? "a symbolic link" : "no directory"));
  if (status.st_uid != ::geteuid() || (status.st_mode & 077) != 0)
    throw Error(fmt::format(
        "--seats: {} is open to others, and seats hold secrets; expected a directory of "
        "your own with mode 0700",
        directory_.string()));
}

ExternalLauncher::~ExternalLauncher() {
  std::error_code ignored;
  if (!lock_.held()) {  // the directory is another run's
    if (created_) fs::remove(directory_, ignored);
    return;
  }
  remove_seats();
  if (created_) {
    const fs::path file = directory_ / kCoordinatorFile;
    fs::remove(file, ignored);
    // Where somebody put something into the directory it stays, and its workers are still to end.
    if (!fs::remove(directory_, ignored))
      ::close(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  }
}

void ExternalLauncher::remove_seats() {
  std::vector<fs::path> left;
  std::error_code gone;
  for (fs::directory_iterator entry(directory_, gone), end; !gone && entry != end;
       entry.increment(gone))
    if (is_seat(entry->path())) left.push_back(entry->path());
  for (const fs::path& seat : left) fs::remove(seat, gone);
}

void ExternalLauncher::prepare(int workers) {
  workers_ = workers;
  check_open_files(workers, 1);
  if (!lock_.take(directory_ / kCoordinatorFile, "--seats"))
    throw Error(fmt::format("--seats: another run uses {}; expected a directory for this run alone",
                            directory_.string()));
  remove_seats();
}

void ExternalLauncher::start(const Assignment& assignment, Ended ended) {
  const WorkerKey key{assignment.worker, assignment.incarnation};
  std::string text = to_json(assignment);
  // For nobody else to read; and not kept from a power cut, which ends the run.
  write_atomically(seat(key), text, "--seats", {.mode = 0600, .durable = false});
  wipe(std::as_writable_bytes(std::span(text)));
  starts_.push_back({key, std::move(ended), {}});
  if (since_ == Time{}) since_ = std::chrono::steady_clock::now().time_since_epoch();
  if (starts_.size() == 1) watch();
}

// Once a worker is connected, the end of its connection says all there is to know.
void ExternalLauncher::worker_connected(WorkerKey key) {
  any_connected_ = true;
  std::erase_if(starts_, [key](const Start& start) { return start.key == key; });
}

void ExternalLauncher::cancel(WorkerKey key) {
  std::error_code ignored;
  fs::remove(seat(key), ignored);
  std::erase_if(starts_, [key](const Start& start) { return start.key == key; });
}

void ExternalLauncher::watch() {
  timer_.expires_after(kPeriod);
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    std::vector<std::pair<Start, InvocationEnd>> failed;
    for (auto start = starts_.begin(); start != starts_.end();) {
      auto end = failure_of(*start);
      if (end) failed.emplace_back(std::move(*start), std::move(*end));
      start = end ? starts_.erase(start) : std::next(start);
    }
    for (auto& [start, end] : failed) start.ended(start.key, std::move(end));
    if (!starts_.empty()) watch();
  });
}

// Nobody has come, nor taken a seat.
bool ExternalLauncher::is_in_vain() const {
  const Time now = std::chrono::steady_clock::now().time_since_epoch();
  if (any_connected_ || told_ > 0 || patience_ == kForever || now - since_ < patience_)
    return false;
  std::error_code ignored;
  return std::all_of(starts_.begin(), starts_.end(),
                     [&](const Start& start) { return fs::exists(seat(start.key), ignored); });
}

// A worker that tells why it cannot come is not alone with that, if nobody has come at all.
std::optional<InvocationEnd> ExternalLauncher::failure_of(Start& start) {
  if (is_in_vain()) {
    InvocationEnd end;
    end.failed = end.hopeless = true;
    end.why = fmt::format("--start-timeout {}: no worker has come for the seats in {}",
                          to_seconds(patience_), directory_.string());
    return end;
  }
  const fs::path file = seat(start.key);
  std::error_code ignored;
  if (fs::exists(file, ignored)) return std::nullopt;  // it waits for a worker
  const fs::path told = directory_ / (kFailedSeat + file.filename().string());
  if (std::ifstream in(told); in) {
    InvocationEnd end;
    end.failed = true;
    std::getline(in, end.why);
    fs::remove(told, ignored);
    end.hopeless = !any_connected_ && ++told_ >= std::min(workers_, 2);
    return end;
  }
  const Time now = std::chrono::steady_clock::now().time_since_epoch();
  if (start.since_taken == Time{}) start.since_taken = now;
  if (now - start.since_taken < kPatience) return std::nullopt;
  InvocationEnd end;
  end.failed = true;
  end.why = fmt::format("the worker that took {} did not connect within {} s",
                        file.filename().string(), to_seconds(kPatience));
  return end;
}

fs::path ExternalLauncher::seat(WorkerKey key) const {
  return directory_ / fmt::format("seat-{:05}-{}.json", key.worker, key.incarnation);
}

}  // namespace laggard
