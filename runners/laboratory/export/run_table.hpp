// The table of runs: a row a run, with all that its run.json says.
#pragma once

#include "runners/laboratory/export/table.hpp"

namespace laggard {

// `row` and `run`, which every table begins with.
std::vector<TableColumn> run_key_columns();

// After these `folder` and `status`, the fields of --json, "a.b" for b of an object a, and options
// as "option.tau", in the order in which they are met first. A column is an integer, a real and so
// on if all its fields are.
Table run_table(const std::vector<StoredRun>& runs);

}  // namespace laggard
