// The real worker program as a child process.
#pragma once

#include "tests/support/temporary_directory.hpp"

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace laggard {

class WorkerProcess {
 public:
  using Environment = std::vector<std::pair<std::string, std::string>>;

  // program: LAGGARD_WORKER unless given. Its environment is `environment` alone.
  WorkerProcess(const std::vector<std::string>& arguments, const Environment& environment,
                const std::string& program = LAGGARD_WORKER);
  ~WorkerProcess();  // kills it

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  // The exit status; -signal if it was killed. Throws if it goes on for 20 s.
  int wait();
  bool runs();
  std::string errors() const;  // what it printed on standard error

 private:
  TemporaryDirectory directory_;
  pid_t pid_ = -1;
};

}  // namespace laggard
