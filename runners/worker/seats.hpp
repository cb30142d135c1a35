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
// after the other until the run is over or SIGTERM. It is over once the directory is gone, or its
// file `coordinator` is there and no coordinator holds the lock on it, for it ended or died. What
// goes wrong with a seat is told on standard error and, for the coordinator, in a file failed-NAME,
// in a line. Returns the exit status: 0, or 1 if the only seat failed. Throws Error if
// there is no such directory.
int run_seats(const SeatOptions& options);

}  // namespace laggard
