// Some cells of a matrix: those of `--only`, those of `--shard`.
#pragma once

#include "runners/laboratory/matrix/expansion.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace laggard {

struct CellCondition {
  enum class Relation { equal, unequal, less, at_most, greater, at_least };

  std::string option;
  Relation relation = Relation::equal;
  std::string value;
  std::string text;  // as given
};

// "protocol=async,workers>=64": what must hold, all of it. A comma belongs to the value before it
// unless a condition follows. Throws Error beginning with `what`.
std::vector<CellCondition> parse_conditions(std::string_view text, std::string_view what,
                                            const RunRules& rules);

// By the value that the option was given, or else by the one that it has. Throws Error where
// numbers are to be compared and the value is none.
bool holds(const std::vector<CellCondition>& conditions, const MatrixFile& matrix,
           const MatrixCell& cell, const RunRules& rules);

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
