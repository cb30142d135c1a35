// What it took a run to come to a gap.
#pragma once

#include "core/task/types.hpp"
#include "runners/laboratory/results/index.hpp"

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

struct Measure {
  std::string_view name, unit, meaning;
};

// In the order of ToGap.
inline constexpr std::array<Measure, 5> kMeasures = {{
    {"time", "s", "of the fleet: virtual on sim"},
    {"solving", "s", "of these, after the start-up"},
    {"rounds", "", "updates of z"},
    {"bytes", "B", "up and down"},
    {"dollars", "USD", "at list price"},
}};

// By measure; infinite if the gap was not reached, NaN if the run does not know.
using ToGap = std::array<double, kMeasures.size()>;

// phi* of each problem, by its fingerprint.
struct Optima {
  std::map<std::string, double> by_problem;
  std::vector<std::string> notices;  // a line each, where phi* is but the best objective met
};

// The columns of a CSV file of numbers by name; what is empty is NaN. Throws Error.
std::map<std::string, std::vector<double>> numbers_in(const std::filesystem::path& file,
                                                      const std::vector<std::string>& columns,
                                                      std::string_view what);

// From the references of the runs, or else the best objective among those of the same problem.
Optima optima_of(const std::vector<const StoredRun*>& runs, std::string_view what);

// At the first update whose gap (3.1) is at most `gap`. Throws Error, beginning with `what`, for a
// run without its files.
ToGap to_gap(const StoredRun& run, double gap, const Optima& optima, std::string_view what);

}  // namespace laggard
