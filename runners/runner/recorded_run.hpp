// What a run left in its folder, as far as fits need it.
#pragma once

#include "runners/cli/setting.hpp"
#include "runners/runner/config.hpp"

#include <boost/json/object.hpp>

#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// Seconds; NaN where the recording has none.
struct RecordedTask {
  int round = 0;
  int worker = 0;
  int shard = 0;
  double dispatched = 0, started = 0, finished = 0, arrived = 0, pause = 0;
  double passes = 0, inner_iterations = 0, dense_work = 0;
  bool complete = false;  // it was computed to its end and came back
};

struct RecordedRun {
  RunConfig config;  // as recorded, but on sim
  std::string fleet;
  double seconds = 0;   // the fleet's
  bool priced = false;  // it tells what its workers cost
  double invoke_rate = kInfinity, timeout = kInfinity;
  std::vector<RecordedTask> tasks;   // in the file's order
  std::vector<double> updates;       // when each round was made
  std::vector<double> first_starts;  // how long the first incarnation of each worker took
};

// Throws Error that begins with "fit-fleet: DIRECTORY" or names the file.
RecordedRun read_recorded_run(const std::filesystem::path& directory);

// The settings of the configuration in a run.json, `run`; `file` stands for it in errors. Without
// what belongs to its output: a repeated run has its own.
std::vector<Setting> settings_of_run(const boost::json::object& run, const std::string& file);

// The run.json in `text`; nothing if it is another JSON text, such as a configuration alone.
std::optional<boost::json::object> as_run_json(std::string_view text);

// The settings of the recorded configuration that do not depend on the fleet, followed by `more` of
// a command line.
RunConfig recorded_config(const std::filesystem::path& directory, const std::vector<Setting>& more);

}  // namespace laggard
