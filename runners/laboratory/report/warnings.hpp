// What a reader of a report should know before he compares its runs.
#pragma once

#include "runners/laboratory/report/found_run.hpp"

#include <string>
#include <vector>

namespace laggard {

// Takes out runs whose identity an earlier one has; says of how many.
std::vector<std::string> drop_repeated(std::vector<FoundRun>& runs);

// Of runs that did not end well, and of programs and machines that differ.
std::vector<std::string> warnings_of(const std::vector<FoundRun>& runs);

}  // namespace laggard
