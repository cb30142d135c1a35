// A table of runs.
#pragma once

#include "runners/laboratory/results/index.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// Names that filters, --sort and --columns take: columns of the index, members of run.json, "path",
// and `options`, those of runs. Sorted, each once.
std::vector<std::string> field_names(const std::vector<std::string>& options);

// Whether all of them are columns of the index, so that no run.json need be read.
bool are_columns(const std::vector<std::string>& names);

// As filters read it.
std::optional<std::string> shown_field(const StoredRun& run, std::string_view name);

// By the values of `name`, numbers before other text before nothing; "-name": the other way round,
// but for what has no value, which stays last.
void sort_runs(std::vector<StoredRun>& runs, const std::string& name);

// A row a run.
std::string listing(const std::vector<StoredRun>& runs, const std::vector<std::string>& columns);

// An object a run: id, status, path, and what run.json has, its configuration as `options`.
boost::json::object listed_json(StoredRun run);

}  // namespace laggard
