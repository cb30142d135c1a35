// How far a matrix is, and what is left to do.
#pragma once

#include "runners/laboratory/matrix/cell_folder.hpp"
#include "runners/laboratory/matrix/expansion.hpp"

#include <filesystem>
#include <span>
#include <vector>

namespace laggard {

// Of each cell, in order. An empty `output`: nothing has been done.
std::vector<CellStanding> standings(const std::vector<MatrixCell>& cells,
                                    const std::filesystem::path& output);

struct CellCounts {
  int cells = 0;
  int done = 0;
  int failed = 0;
  int interrupted = 0;
  int to_do = 0;  // those that were interrupted too
};
CellCounts count(std::span<const CellStanding> standings);

// What a cell will take: the mean over those cells that are done and have most in common with it.
struct CellGuess {
  double seconds = kNaN;
  double dollars = kNaN;
};
// Of each cell, NaN where nothing is done. Repeats have all in common.
std::vector<CellGuess> guesses(const MatrixFile& matrix, const std::vector<MatrixCell>& cells,
                               std::span<const CellStanding> standings);

}  // namespace laggard
