// The folder of one cell: what its run has left there.
#pragma once

#include "core/task/types.hpp"
#include "runners/laboratory/matrix/expansion.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace laggard {

enum class CellState {
  to_do,        // it never began
  interrupted,  // it began, and neither ended nor said why it cannot
  failed,       // it said an error, or could not even begin
  done,         // it ended by itself, with a result
};

struct CellStanding {
  CellState state = CellState::to_do;
  double seconds = kNaN;  // of a run that is done: by the clock on the wall
  double dollars = kNaN;  // what it cost, or would have
};

// Where a matrix keeps the folder of a cell.
std::filesystem::path cell_folder(const std::filesystem::path& output, const std::string& id);

// A run.json that is torn or no JSON counts as an interrupted run.
CellStanding standing_of(const std::filesystem::path& folder);

// The name of a cell's folder: 16 hexadecimal digits.
bool is_cell_id(std::string_view name);

// The run in the folder is the cell of its name, of whatever matrix.
bool holds_cell(const std::filesystem::path& folder);

// What its run says that it failed of; empty where it says nothing.
std::string error_of(const std::filesystem::path& folder);

// A run is at work in the folder.
bool is_in_use(const std::filesystem::path& folder);

// Writes down that the run of `cell` failed, unless it did so itself. Throws Error.
void record_failure(const std::filesystem::path& folder, const MatrixCell& cell, int exit_code,
                    const std::string& error);

}  // namespace laggard
