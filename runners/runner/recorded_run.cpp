#include "runners/runner/recorded_run.hpp"

#include "core/io/error.hpp"
#include "core/io/json_fields.hpp"
#include "core/results/row_reader.hpp"
#include "core/results/run_directory.hpp"
#include "runners/cli/config_file.hpp"
#include "runners/runner/json_text.hpp"
#include "runners/runner/options.hpp"
#include "runners/runner/resolve.hpp"
#include "runners/runner/timing_alone.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace laggard {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

json::object read_run_json(const fs::path& directory) {
  const fs::path file = directory / "run.json";
  if (!fs::is_regular_file(file))
    throw Error(
        fmt::format("fit-fleet: {}: no run.json; expected the folder of a finished run with "
                    "--output",
                    directory.string()));
  std::optional<json::object> run = as_run_json(read_whole(file, "fit-fleet"));
  if (!run)
    throw Error(fmt::format("fit-fleet: {}: no configuration; expected the run.json of a run",
                            file.string()));
  if (loose_text(*run, "status") == run_status::kRunning)
    throw Error(fmt::format("fit-fleet: {}: the run is {}; expected the folder of a finished run",
                            directory.string(), status_of_run(directory)));
  return std::move(*run);
}

// NaN for a time that never came.
double seconds(Time time) { return time == kForever ? kNaN : to_seconds(time); }

void add_tasks(RecordedRun& run, const fs::path& directory) {
  for (const TaskRow& row : read_tasks(directory, "fit-fleet")) {
    RecordedTask task;
    task.round = row.round;
    task.worker = row.worker;
    task.shard = row.shard;
    task.dispatched = seconds(row.dispatched);
    task.started = seconds(row.started);
    task.finished = seconds(row.finished);
    task.arrived = seconds(row.arrived);
    task.pause = row.pause == kForever ? 0 : to_seconds(row.pause);
    task.passes = static_cast<double>(row.passes);
    task.inner_iterations = static_cast<double>(row.inner_iterations);
    task.dense_work = static_cast<double>(row.dense_work);
    task.complete = (row.outcome == Outcome::accepted || row.outcome == Outcome::discarded) &&
                    task.passes > 0 && task.finished - task.started > task.pause &&
                    !std::isnan(task.arrived);
    run.tasks.push_back(task);
  }
}

double number_of(const json::object& object, std::string_view key, double otherwise) {
  const json::value* found = object.if_contains(key);
  return found && found->is_number() ? found->to_number<double>() : otherwise;
}

}  // namespace

std::optional<json::object> as_run_json(std::string_view text) {
  json::object object = loose_object(text);
  const json::value* configuration = object.if_contains("configuration");
  if (!configuration || !configuration->is_object()) return std::nullopt;
  return object;
}

std::vector<Setting> settings_of_run(const json::object& run, const std::string& file) {
  std::vector<Setting> settings = parse_config(json_text(run.at("configuration")), file);
  std::erase_if(settings, [](const Setting& setting) {
    const RunOption* option = find_option(setting.name);
    return option && option->group == group::kOutput && option->name != "resume";
  });
  for (Setting& setting : settings) setting.what = fmt::format("{}: {}", file, setting.name);
  return settings;
}

RunConfig recorded_config(const fs::path& directory, const std::vector<Setting>& more) {
  const json::object run = read_run_json(directory);
  const std::string file = (directory / "run.json").string();
  std::vector<Setting> settings = settings_of_run(run, file);
  std::erase_if(settings, [](const Setting& setting) {
    const RunOption* option = find_option(setting.name);
    return option && (option->group == group::kFleetModel || option->group == group::kProcesses ||
                      option->group == group::kOutput || option->name == "fleet");
  });
  return resolve(settings, more);
}

RecordedRun read_recorded_run(const fs::path& directory) {
  const json::object object = read_run_json(directory);
  RecordedRun run;
  run.config = recorded_config(directory, {});
  if (times_alone(run.config))
    throw Error(
        fmt::format("fit-fleet: {}: tasks of method {} take what they are told to; expected a run "
                    "of another method",
                    directory.string(), run.config.method.name));
  run.fleet = loose_text(object, "fleet");
  run.seconds = number_of(object, "virtual_seconds", kNaN);
  const json::value* cost = object.if_contains("cost");
  run.priced = cost && cost->is_object();
  const json::object& configuration = object.at("configuration").as_object();
  run.invoke_rate = number_of(configuration, "invoke-rate", kInfinity);
  run.timeout = number_of(configuration, "function-timeout", kInfinity);
  add_tasks(run, directory);
  for (const RoundRow& row : read_rounds(directory, "fit-fleet"))
    run.updates.push_back(to_seconds(row.at));
  for (const LifeRow& row : read_lives(directory, "fit-fleet"))
    if (row.key.incarnation == 1 && row.ready != kForever)
      run.first_starts.push_back(to_seconds(row.ready - row.invoked));
  const bool any = std::any_of(run.tasks.begin(), run.tasks.end(),
                               [](const RecordedTask& task) { return task.complete; });
  if (!any || !(run.seconds > 0) || run.updates.empty())
    throw Error(
        fmt::format("fit-fleet: {}: no task with times that came back; expected a run of at "
                    "least one round",
                    directory.string()));
  return run;
}

}  // namespace laggard
