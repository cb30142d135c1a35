// What a reader of a report should know before he compares its runs.
#pragma once

#include "runners/laboratory/results/index.hpp"

#include <string>
#include <vector>

namespace laggard {

// Takes out runs whose run.json is none, or torn; says which. Throws Error if no run is left.
std::vector<std::string> drop_unreadable(std::vector<StoredRun>& runs);

// Takes out runs that an earlier one is too: a copy of its folder, or in virtual time the same run
// made again. Runs of one identity in real time are repetitions, and all stay. Says of how many.
std::vector<std::string> drop_repeated(std::vector<StoredRun>& runs);

// Of runs that did not end well, and of programs and machines that differ.
std::vector<std::string> warnings_of(const std::vector<StoredRun>& runs);

}  // namespace laggard
