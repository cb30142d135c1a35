// Many runs in one table: a quantity, by two or more options.
#pragma once

#include "runners/laboratory/results/index.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

struct MedianTable {
  std::vector<std::string> rows;  // a line for all that these have in common
  std::string columns;            // and a column for each value of this; none if empty
  std::vector<std::string> values;
};

// In Markdown: of all runs of a line and a column, of each of `values` the median [least to
// greatest]. A run that a limit ended short of its target or its rule has taken forever; a median
// of forever is "-". Lines and columns are in the order of their names, numbers as numbers. Throws
// Error, beginning with `what`, for a value that is no number in any run.
std::string median_table(std::span<const StoredRun> runs, const MedianTable& request,
                         std::string_view what);

// "31.2 [0.649 to 140]": the median, and where they differ the least and the greatest, to so many
// significant digits.
std::string median_and_range(const std::vector<double>& values, int digits = 3);

}  // namespace laggard
