// Rows of the results, read back from the folder of a run.
#pragma once

#include "core/lifecycle/lifecycle.hpp"
#include "core/task/events.hpp"

#include <filesystem>
#include <string_view>
#include <vector>

namespace laggard {

// All rows in the order of the file; what the file does not tell keeps its default. Of a run that
// did not end, those whole rows that NAME.part holds. They throw Error, beginning with `what`, for
// a file that is not there, lacks a column or holds what is no row.
std::vector<RoundRow> read_rounds(const std::filesystem::path& directory, std::string_view what);
std::vector<TaskRow> read_tasks(const std::filesystem::path& directory, std::string_view what);
std::vector<LifeRow> read_lives(const std::filesystem::path& directory, std::string_view what);

}  // namespace laggard
