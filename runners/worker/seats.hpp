// The worker as a process that something else than Lambda starts: it takes seats from a directory.
#pragma once

#include <filesystem>
#include <string>

namespace laggard {

struct SeatOptions {
  std::filesystem::path directory;
  bool once = false;    // end after one seat
  std::string ca_file;  // PEM
};

// A seat is a file seat-*.json that holds an Assignment; whoever renames it has it. Serves one
// after the other until the directory is gone or holds a file `finished`, or SIGTERM. What goes
// wrong with a seat is told on standard error, in a line. Returns the exit status: 0, or 1 if the
// only seat came to nothing.
int run_seats(const SeatOptions& options);

}  // namespace laggard
