// The runs below some folders.
#pragma once

#include <boost/json/object.hpp>

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace laggard {

struct FoundRun {
  std::filesystem::path folder;
  std::string id;
  std::string status;       // finished, failed, running, or interrupted: nobody runs it any more
  boost::json::object run;  // run.json
};

// Of each folder, in the order of their paths: itself if it is one of a run, else all that lie at
// most three levels below. Throws Error, beginning with `what`, for a folder that is not there or
// holds no run.
std::vector<FoundRun> find_runs(std::span<const std::filesystem::path> folders,
                                const std::string& what);

}  // namespace laggard
