// The data of a report: what its page and its figures are drawn from.
#pragma once

#include <boost/json/object.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace laggard {

struct ReportOptions {
  std::vector<std::filesystem::path> folders;  // of runs, see load_runs()
  std::string title;                           // empty: the name of the first folder
  double gap = 0;    // that runs are compared at first; 0: what most reach
  std::string made;  // when, in UTC: "2026-01-31T12:00:00Z"
  // The command that makes a run of that configuration.
  std::function<std::string(const boost::json::object& configuration)> command;
  // What the document may take in a page, packed and as text. Timelines take what the rest leaves.
  std::size_t most_bytes = 3'500'000;
};

struct ReportDocument {
  std::string json;  // one object
  std::size_t runs = 0;
  std::vector<std::string> warnings;  // that it begins with
};

// Throws Error for a folder that is none or holds no run. What else is amiss is a warning.
ReportDocument make_report(const ReportOptions& options);

}  // namespace laggard
