// A run round by round, thinned for a page.
#pragma once

#include "core/results/cost.hpp"
#include "core/task/events.hpp"
#include "runners/laboratory/report/json_writer.hpp"
#include "runners/laboratory/results/optimum.hpp"

#include <cstddef>
#include <vector>

namespace laggard {

// Which rows of a run are kept: at most `most` (3 or more), rising. The first and the last are
// among them, and those that first reach a level of the gap, eight a decade where there is room.
std::vector<std::size_t> kept_rows(const std::vector<double>& gaps, std::size_t most);

// What the workers of a run come to at some time of it.
class Expenses {
 public:
  // Dollars only where the run tells its cost, which the last of them then is.
  Expenses(const StoredRun& run, std::vector<LifeRow> lives);

  double worker_seconds(Time now) const;
  double dollars(Time now) const;  // NaN where nobody pays

 private:
  double estimate(Time now) const;

  std::vector<LifeRow> lives_;
  double workers_ = kNaN;  // W
  double memory_mb_ = kNaN;
  double share_ = kNaN;  // what was paid in the end, over what is estimated for it
};

// The object "series".
void write_series(JsonWriter& out, const StoredRun& run, const std::vector<RoundRow>& rows,
                  const Optimum& optimum, const Expenses& expenses, std::size_t most);

}  // namespace laggard
