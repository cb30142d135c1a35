// What a run's tasks come to: histograms, counts, sums, means by worker.
#pragma once

#include "core/results/worker_statistics.hpp"
#include "core/task/events.hpp"
#include "runners/laboratory/report/json_writer.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace laggard {

// counts[i] of the values lie in [edges[i], edges[i + 1]). All histograms have the same grid, of
// twenty edges a decade, of which each has a part without gaps; where a value is below every edge
// of the grid (none takes no time at all) the first bin begins at 0.
struct Histogram {
  std::vector<double> edges;  // none without values
  std::vector<std::int64_t> counts;
};
Histogram histogram_of(const std::vector<double>& values);

// How many (update, shard) have age 0, 1, 2, ...; nothing where the tasks do not tell the ages that
// the rounds do: a shard of a coded run has none of its own.                        [math 4]
std::optional<std::vector<std::int64_t>> age_counts(const std::vector<RoundRow>& rounds,
                                                    const std::vector<TaskRow>& tasks, int shards);

// The objects "tasks" and "workers". startup: when it ended.                         [math 8]
void write_tasks(JsonWriter& out, const std::vector<RoundRow>& rounds,
                 const std::vector<TaskRow>& tasks, int workers, int shards, Time startup);
void write_workers(JsonWriter& out, const std::vector<TaskRow>& tasks,
                   const std::vector<LifeRow>& lives, int workers, Time startup);

}  // namespace laggard
