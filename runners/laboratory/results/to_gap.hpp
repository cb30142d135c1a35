// What it took a run to come to a gap.
#pragma once

#include "core/task/events.hpp"
#include "runners/laboratory/results/index.hpp"
#include "runners/laboratory/results/optimum.hpp"

#include <array>
#include <string_view>
#include <vector>

namespace laggard {

struct Measure {
  std::string_view name, unit, meaning;
};

// In the order of ToGap.
inline constexpr std::array<Measure, 6> kMeasures = {{
    {"time", "s", "of the fleet: virtual on sim"},
    {"startup", "s", "of these, until every shard had a worker at work"},
    {"solving", "s", "of these, from then on"},
    {"rounds", "", "updates of z"},
    {"bytes", "B", "up and down"},
    {"dollars", "USD", "at list price"},
}};

// By measure; infinite if the gap was not reached, NaN if the run does not know.
using ToGap = std::array<double, kMeasures.size()>;

// The rows of iterations.csv. A file that was cut between two rows is as damaged as one that was
// cut within a row: it lacks rounds that the run.json of a finished run tells of. Throws Error,
// beginning with `what`.
std::vector<RoundRow> all_rounds(const StoredRun& run, std::string_view what);

// At the first update whose gap to `optimum` (3.1) is at most `gap`. Throws Error, beginning with
// `what`, for a run without its files, and for files that are damaged.
ToGap to_gap(const StoredRun& run, double gap, const Optimum& optimum, std::string_view what);

}  // namespace laggard
