// Tables as a folder of CSV files.
#pragma once

#include "runners/laboratory/export/table.hpp"

#include <filesystem>

namespace laggard {

// How many rows each table had.
using RowCounts = std::vector<std::size_t>;

// Writes FOLDER/TABLE.csv for each, all of them or none. Throws Error, beginning with `what`, for a
// folder that is there and holds anything else than such tables, before anything is written.
RowCounts write_csv_folder(const std::vector<Table>& tables, const std::filesystem::path& folder,
                           const std::string& what);

}  // namespace laggard
