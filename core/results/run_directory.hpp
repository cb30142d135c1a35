// The directory of one run's results.
#pragma once

#include "core/io/file_lock.hpp"

#include <filesystem>
#include <string_view>

namespace laggard {

// Holds the directory for this process, from construction to destruction, by a lock that dies with
// the process. A run that has run.json is finished; files grow as NAME.part until they are
// published. Files that are no results are never touched.
class RunDirectory {
 public:
  // Throws Error if the constructor would refuse. Creates and changes nothing.
  static void check(const std::filesystem::path& directory, bool overwrite);

  // Creates the directory, with parents, and locks it; with `overwrite` removes the results of an
  // earlier run. Throws Error for a directory in use, finished (without `overwrite`), not writable,
  // or not a directory.
  RunDirectory(std::filesystem::path directory, bool overwrite);
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  // Where NAME grows: NAME.part.
  std::filesystem::path part(std::string_view name) const;
  // Renames NAME.part, complete and on the disk, to NAME.
  void publish(std::string_view name);

 private:
  std::filesystem::path directory_;
  FileLock lock_;
};

}  // namespace laggard
