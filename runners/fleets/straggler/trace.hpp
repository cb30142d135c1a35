// Recorded times of a run, to be met again.                                        [math 9]
#pragma once

#include "runners/fleets/straggler/straggler.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace laggard {

// By worker, in the order in which it began them: what befell its tasks.
using Trace = std::vector<std::vector<Slowdown>>;

// Reads `text`, in the form of workers.csv; `name` stands for the file in errors. A task takes what
// the recorded one took, from its start to its report; of that it pauses as long as then, where the
// file has a column for it. One that was told to stop takes as long, even if it is told to stop
// again; one that failed ends its worker's life at that time; one that never reported takes as long
// as the recording went on after it was sent, in a pause unless the worker was heard of. One that
// was told to stop before it began was no task. Throws Error with file:line for what is not such a
// table, and if it holds no task of one of the workers 0 .. workers - 1.
Trace parse_trace(std::string_view text, std::string_view name, int workers);

// By worker and incarnation, from 1: how long its start took.
using RecordedStarts = std::map<std::pair<WorkerId, Incarnation>, Time>;

// Likewise, of fleet.csv. A start that was under way when its incarnation ended takes longer.
RecordedStarts parse_starts(std::string_view text, std::string_view name);

// What trace:FILE meets again, read once for any number of runs, at the same time too.
struct Recording {
  Trace tasks;
  RecordedStarts starts;
};

// Of workers.csv or workers.csv.gz, and of the run's fleet.csv where that is beside it. Throws
// Error as parse_trace, and for a file that cannot be read.
Recording read_recording(const std::string& file, int workers);

// The model trace:FILE. A worker that is given more tasks than were recorded meets them again from
// the first on. Where there are recorded starts, starts take what they took then, in virtual time.
std::unique_ptr<const StragglerModel> make_trace(std::shared_ptr<const Recording> recording);
std::unique_ptr<const StragglerModel> make_trace(const std::string& file, int workers);

}  // namespace laggard
