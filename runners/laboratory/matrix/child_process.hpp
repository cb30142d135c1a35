// A program that runs beside this one, and ends with it.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace laggard {

class ChildProcess {
 public:
  // Starts the very program that this process is, whatever lies in its place by now. stdout and
  // stderr go to `log`. It does not hear what the terminal tells this program, and is killed when
  // the thread that calls ends, however that happens. Throws Error.
  ChildProcess(const std::vector<std::string>& arguments, const std::filesystem::path& log);
  ~ChildProcess();  // kills what still runs
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;

  // Tells it to end, in whatever order it ends when it is told so.
  void tell_to_end() const;
  // Readable once it has ended.
  int descriptor() const { return descriptor_; }
  // The exit code, or minus the signal that ended it; nothing while it runs.
  std::optional<int> ended();

 private:
  void stop();

  pid_t pid_ = -1;
  int descriptor_ = -1;
};

}  // namespace laggard
