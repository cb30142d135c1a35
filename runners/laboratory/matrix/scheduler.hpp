// Runs the cells of a matrix, each as a process of its own.
#pragma once

#include "runners/laboratory/matrix/cell_folder.hpp"
#include "runners/laboratory/matrix/matrix_file.hpp"
#include "runners/laboratory/matrix/matrix_progress.hpp"

#include <atomic>
#include <filesystem>
#include <functional>
#include <utility>
#include <vector>

namespace laggard {

// How far it is, now.
struct ScheduleMoment {
  const std::vector<CellStanding>& standings;           // of all cells
  std::vector<std::pair<std::size_t, double>> running;  // cells, and for how many seconds
  double seconds_left = 0;                              // NaN: nobody knows
};

struct ScheduleOptions {
  int jobs = 1;            // cells in virtual time that run at once
  int real_time_jobs = 1;  // the same for the others; they run when no cell in virtual time does
  bool fail_fast = false;  // no cell starts after the first that failed
  // Once true the cells that run are told to end, and keep what they have; may be null.
  const std::atomic<bool>* at_once = nullptr;
  // Told some ten times a second, and at the end; may be none.
  std::function<void(const ScheduleMoment&)> watch = {};
};

// Runs the cells `chosen` of `cells`, in their order; `standings`, of all cells, is kept up to
// date. A cell that fails is told at once and does not stop the others. Once `interrupted` is true
// no more are started; those that run are waited for. Throws Error for what stops all of them.
void run_cells(const MatrixFile& matrix, const std::vector<MatrixCell>& cells,
               const std::vector<std::size_t>& chosen, std::vector<CellStanding>& standings,
               const std::filesystem::path& output, const ScheduleOptions& options,
               const MatrixScreen& screen, const std::atomic<bool>& interrupted);

// What a cell is run by: the words behind the program's name.
std::vector<std::string> command_of(const MatrixCell& cell);

}  // namespace laggard
