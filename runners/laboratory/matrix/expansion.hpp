// The cells of a matrix.
#pragma once

#include "runners/laboratory/matrix/matrix_file.hpp"
#include "runners/laboratory/matrix/run_rules.hpp"

#include <string>
#include <vector>

namespace laggard {

struct MatrixCell {
  std::string id;
  std::vector<Setting> settings;  // expressions worked out, paths as seen from here
  std::vector<int> at;            // its value of each axis
  bool real_time = false;
  bool is_billed = false;
};

struct Expansion {
  // In the order in which they are run: whatever changes on the machine in the meantime hits all
  // protocols alike. Repeats change slowest; cells that differ in protocol alone are neighbours, in
  // the order of their ids, which is as good as drawn.
  std::vector<MatrixCell> cells;
  std::vector<std::string> notices;  // for the user, one line each
};

// Throws Error with file:line:column for settings that make no run, expressions that cannot be
// worked out, and two cells that are the same run.
Expansion expand(const MatrixFile& matrix, const RunRules& rules);

// What tells a cell from the others: "protocol=async,min-arrivals=4,workers=16", as --only takes
// it.
std::string label(const MatrixFile& matrix, const MatrixCell& cell);

}  // namespace laggard
