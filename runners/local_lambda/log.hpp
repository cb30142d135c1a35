// The local endpoint's own log: a line a happening, with the wall time.
#pragma once

#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <string_view>

namespace laggard::local {

class Log {
 public:
  // An empty path: nothing is written. Throws Error where the file cannot be opened.
  explicit Log(const std::filesystem::path& file);
  void line(std::string_view text);
  // What environment `number` printed; each of its lines begins with the number.
  void output(int number, std::string_view bytes);
  // Once, why lines are not kept any more; empty: they are, or it was told. From any thread.
  std::string trouble();

 private:
  void check();

  std::filesystem::path name_;
  std::ofstream file_;
  std::mutex mutex_;  // of what follows
  std::string trouble_;
};

// The last 4 KB of what is appended, as the header X-Amz-Log-Result has it.
class LogTail {
 public:
  void append(std::string_view bytes);
  void clear() { text_.clear(); }
  std::string text() const;

 private:
  std::string text_;
};

}  // namespace laggard::local
