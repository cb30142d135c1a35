// fork and exec, from a program with threads.
#pragma once

#include "core/io/error.hpp"

#include <sys/types.h>
#include <string>
#include <vector>

namespace laggard::local {

// The file is not one that this machine can execute.
struct NotExecutable : Error {
  using Error::Error;
};

struct Spawned {
  pid_t id = -1;
  int descriptor = -1;  // a pidfd; the caller closes it
  int output = -1;      // read end of its stdout and stderr, not blocking; the caller closes it
};

// In a process group of its own, without core dumps, with default signals and no descriptor but 0
// to 2; killed when the calling thread ends. Throws Error; NotExecutable if it is the file's fault.
Spawned spawn(const std::vector<std::string>& command, const std::vector<std::string>& environment,
              const std::string& directory);

}  // namespace laggard::local
