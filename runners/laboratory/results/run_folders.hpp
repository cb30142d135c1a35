// Which folders hold runs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace laggard {

struct RunFolder {
  std::string path;           // relative to where the search began; "." for that itself
  std::int64_t modified = 0;  // run.json: nanoseconds since 1970
  std::int64_t size = 0;      // and bytes
};

// `folder` itself, if it holds a run.json, else those at most three levels below it that do, sorted
// by path. Hidden folders are not looked into.
std::vector<RunFolder> run_folders(const std::filesystem::path& folder);

}  // namespace laggard
