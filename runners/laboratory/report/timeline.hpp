// Every task of a run, for a chart with a row a worker.
#pragma once

#include "core/results/row_reader.hpp"
#include "core/task/events.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace laggard {

// A value of "timeline", of the first tasks, at most `most`, cut at the end of a round.
std::string timeline_json(const std::vector<RoundRow>& rounds, const std::vector<TaskRow>& tasks,
                          const std::vector<LifeRow>& lives, int workers, std::size_t most);

}  // namespace laggard
