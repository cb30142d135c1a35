// The directory of one run's results.
#pragma once

#include "core/io/file_lock.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace laggard {

// The schema of a run's folder, kept in run.json as "schema". Those of before have none.
inline constexpr int kRunSchema = 3;

inline constexpr std::string_view kRunFile = "run.json";

// What run.json says of the run as "status"; without one it is finished. A run that is still
// running though nobody holds its folder was killed.
namespace run_status {
inline constexpr std::string_view kRunning = "running";
inline constexpr std::string_view kFinished = "finished";        // came to a result by itself
inline constexpr std::string_view kInterrupted = "interrupted";  // stopped; what it had is kept
inline constexpr std::string_view kFailed = "failed";            // ended by an error
}  // namespace run_status

// Of the run.json in the folder: its status, or kInterrupted for a run that was killed. Empty where
// there is no run.json.
std::string status_of_run(const std::filesystem::path& directory);

// Holds the directory for this process, from construction to destruction, by a lock that dies with
// the process. Files grow as NAME.part until they are published. Results of a finished or an
// interrupted run are kept; a run that was killed or that failed may be started again. Files that
// are no results are never touched.
class RunDirectory {
 public:
  // Throws Error if the constructor would refuse. Creates and changes nothing.
  static void check(const std::filesystem::path& directory, bool overwrite);

  // Creates the directory, with parents, and locks it; removes what may be replaced of an earlier
  // run, with `overwrite` all of its results. Throws Error for a directory in use, one that holds
  // results to be kept, not writable, or not a directory.
  RunDirectory(std::filesystem::path directory, bool overwrite);
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  // Where NAME grows: NAME.part.
  std::filesystem::path part(std::string_view name) const;
  // Renames NAME.part, complete and on the disk, to NAME.
  void publish(std::string_view name);
  // All of NAME at once.
  void write(std::string_view name, std::string_view text);

 private:
  std::filesystem::path directory_;
  FileLock lock_;
};

}  // namespace laggard
