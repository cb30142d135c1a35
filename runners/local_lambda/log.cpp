#include "runners/local_lambda/log.hpp"

#include "core/io/error.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

namespace laggard::local {
namespace {

constexpr std::size_t kTailBytes = 4096;

std::string stamp() {
  const auto now = std::chrono::system_clock::now();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(now)), ms.count() % 1000);
}

}  // namespace

Log::Log(const std::filesystem::path& file) : name_(file) {
  if (file.empty()) return;
  file_.open(file, std::ios::app);
  if (!file_) {
    throw Error(fmt::format("the log of the local endpoint: cannot write {}: {}", file.string(),
                            std::strerror(errno)));
  }
}

void Log::line(std::string_view text) {
  if (!file_.is_open()) return;
  file_ << stamp() << ' ' << text << std::endl;
  check();
}

void Log::check() {
  if (file_) return;
  const std::string why = std::strerror(errno);
  file_.close();
  const std::lock_guard lock(mutex_);
  trouble_ = fmt::format("the log of the local endpoint: cannot write {} any more: {}",
                         name_.string(), why);
}

std::string Log::trouble() {
  const std::lock_guard lock(mutex_);
  return std::exchange(trouble_, {});
}

void Log::output(int number, std::string_view bytes) {
  if (!file_.is_open()) return;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    file_ << stamp() << " [" << number << "] " << bytes.substr(0, end) << '\n';
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  file_.flush();
  check();
}

void LogTail::append(std::string_view bytes) {
  text_ += bytes;
  if (text_.size() > 4 * kTailBytes) text_.erase(0, text_.size() - kTailBytes);
}

std::string LogTail::text() const {
  return text_.size() <= kTailBytes ? text_ : text_.substr(text_.size() - kTailBytes);
}

}  // namespace laggard::local
