// The runs below some folders, and the index that makes looking at many of them fast.
#pragma once

#include <boost/json/object.hpp>

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// Of the index, kept as SQLite's user_version.
inline constexpr int kIndexSchema = 1;
inline constexpr std::string_view kIndexFile = "index.sqlite";

struct StoredRun {
  std::string id;                // of its run.json, or else the name of its folder
  std::filesystem::path folder;  // as it is found from here
  std::string path;              // relative to the folder that was asked for; "." for itself
  std::string status;            // run_status: of a run that was killed, interrupted
  boost::json::array columns;    // in the order of index_columns()
  boost::json::object run;       // run.json, where documents were asked for; empty if it is torn

  // What `name` is, by field_of(), or "path". Null where a column is asked for and is null.
  const boost::json::value* field(std::string_view name) const;
};

enum class Loaded { columns, documents };

// Of each folder, sorted by path: itself if it holds a run, else all runs at most three levels
// below it. Where run.json has not changed since, from the index in that folder, which is brought
// up to date where the folder can be written to. Throws Error, beginning with `what`, for a folder
// that is not there or has no run, and for an index that is none or is of a later schema.
std::vector<StoredRun> load_runs(std::span<const std::filesystem::path> folders,
                                 std::string_view what, Loaded loaded = Loaded::documents);

// Of all runs below `folders`, the one with this id, or of which it is the beginning. Throws Error,
// beginning with `what`, if there is none or more than one.
StoredRun find_run(std::string_view id, std::span<const std::filesystem::path> folders,
                   std::string_view what);

}  // namespace laggard
