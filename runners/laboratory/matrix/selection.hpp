// Some cells of a matrix: those of `--only`, those of `--shard`.
#pragma once

#include "runners/laboratory/matrix/expansion.hpp"
#include "runners/laboratory/results/filter.hpp"

#include <cstddef>
#include <string_view>

namespace laggard {

// "protocol=async,workers>=64": what must hold, all of it. Throws Error beginning with `what`.
Filter parse_only(std::string_view text, std::string_view what, const RunRules& rules);

// By the value that the option was given, or else by the one that it has.
bool holds(const Filter& filter, const MatrixFile& matrix, const MatrixCell& cell,
           const RunRules& rules);

struct CellShard {
  int number = 1;  // from 1
  int of = 1;

  // Whether the cell at this position of all cells belongs to it.
  bool has(std::size_t position) const {
    return static_cast<int>(position % static_cast<std::size_t>(of)) == number - 1;
  }
};

// "2/8". Throws Error beginning with `what`.
CellShard parse_shard(std::string_view text, std::string_view what);

}  // namespace laggard
