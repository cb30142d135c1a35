// A run's state on the disk, so that another run can go on from it.
#pragma once

#include "core/io/file_lock.hpp"

#include <exception>
#include <filesystem>
#include <future>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace laggard {

// What must be the same in the run that goes on: names of options, as on the command line, and
// their values.
using MadeWith = std::vector<std::pair<std::string, std::string>>;

struct Checkpoint {
  int round = 0;
  MadeWith made_with;
  std::string state;  // for Session::resume
};

// The newest checkpoint in `directory`. Throws Error naming the file if there is none, it is
// damaged, no checkpoint at all or of another version.
Checkpoint read_checkpoint(const std::filesystem::path& directory);

// Throws Error naming the first of `own` that the checkpoint was made with another value of.
void check_made_with(const Checkpoint& checkpoint, const MadeWith& own,
                     const std::filesystem::path& directory);

// Keeps the newest state in a directory: at every moment, a power cut too, the file there is whole.
class CheckpointWriter {
 public:
  // Creates the directory. Throws Error if it cannot be written to, another run writes there, or it
  // holds a checkpoint already and `replace` is false.
  CheckpointWriter(std::filesystem::path directory, MadeWith made_with, bool replace);
  ~CheckpointWriter();

  // On a thread of its own; waits for the write before. A write that fails does not stop the run.
  void write(int round, std::string state);
  // Waits. Throws Error if a write failed.
  void finish();

 private:
  void wait();

  std::filesystem::path directory_;
  FileLock lock_;
  MadeWith made_with_;
  std::future<void> pending_;
  std::exception_ptr failure_;  // the first
};

}  // namespace laggard
