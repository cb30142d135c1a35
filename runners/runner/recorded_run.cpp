#include "runners/runner/recorded_run.hpp"

#include "core/io/error.hpp"
#include "core/io/json_fields.hpp"
#include "core/problem/text_cursor.hpp"
#include "core/problem/text_stream.hpp"
#include "core/results/run_directory.hpp"
#include "runners/cli/config_file.hpp"
#include "runners/runner/json_text.hpp"
#include "runners/runner/options.hpp"
#include "runners/runner/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

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

std::string read_text(const fs::path& file) {
  if (!fs::is_regular_file(file))
    throw Error(fmt::format("fit-fleet: {}: no such file; expected the folder of a finished run",
                            file.string()));
  try {
    return whole_text(file);
  } catch (const StreamFault& error) {
    throw Error(fmt::format("fit-fleet: {}: {}", file.string(), error.what()));
  }
}

// Rows of a CSV file whose wanted fields hold no commas.
class CsvRows {
 public:
  CsvRows(const fs::path& file, std::vector<std::string> wanted)
      : file_(file.string()), lines_(read_text(file)) {
    std::getline(lines_, line_);
    const std::vector<std::string> heading = split();
    for (const std::string& name : wanted) {
      const auto found = std::find(heading.begin(), heading.end(), name);
      if (found == heading.end())
        throw Error(
            fmt::format("fit-fleet: {}:1: no column {}; expected the results of a run of "
                        "this version",
                        file_, name));
      columns_.push_back(static_cast<std::size_t>(found - heading.begin()));
    }
  }
  // The wanted fields of the next row; false at the end.
  bool next(std::vector<std::string>& fields) {
    if (!std::getline(lines_, line_)) return false;
    ++number_;
    const std::vector<std::string> all = split();
    fields.clear();
    for (const std::size_t column : columns_) {
      if (column >= all.size())
        throw Error(fmt::format("fit-fleet: {}:{}: {} fields; expected as many as in the heading",
                                file_, number_, all.size()));
      fields.push_back(all[column]);
    }
    return true;
  }
  // NaN for an empty field.
  double number(const std::string& field) const {
    if (field.empty()) return kNaN;
    double value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc() || end != field.data() + field.size())
      throw Error(fmt::format("fit-fleet: {}:{}: {} is no number", file_, number_,
                              quote_for_message(field)));
    return value;
  }

 private:
  std::vector<std::string> split() const {
    std::vector<std::string> fields;
    std::istringstream in(line_);
    for (std::string field; std::getline(in, field, ',');) fields.push_back(std::move(field));
    if (line_.ends_with(',')) fields.emplace_back();
    return fields;
  }

  std::string file_;
  std::istringstream lines_;
  std::string line_;
  int number_ = 1;
  std::vector<std::size_t> columns_;
};

void read_tasks(RecordedRun& run, const fs::path& directory) {
  CsvRows rows(directory / "workers.csv.gz",
               {"round", "worker", "shard", "dispatched", "started", "finished", "arrived", "pause",
                "passes", "inner_iterations", "outcome"});
  for (std::vector<std::string> f; rows.next(f);) {
    RecordedTask task;
    task.round = static_cast<int>(rows.number(f[0]));
    task.worker = static_cast<int>(rows.number(f[1]));
    task.shard = static_cast<int>(rows.number(f[2]));
    double* const times[] = {&task.dispatched, &task.started, &task.finished,        &task.arrived,
                             &task.pause,      &task.passes,  &task.inner_iterations};
    for (std::size_t i = 0; i < std::size(times); ++i) *times[i] = rows.number(f[3 + i]);
    if (std::isnan(task.pause)) task.pause = 0;
    task.complete = (f[10] == "accepted" || f[10] == "discarded") && task.passes > 0 &&
                    task.finished - task.started > task.pause && !std::isnan(task.arrived);
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
  run.fleet = loose_text(object, "fleet");
  run.seconds = number_of(object, "virtual_seconds", kNaN);
  const json::object& configuration = object.at("configuration").as_object();
  run.invoke_rate = number_of(configuration, "invoke-rate", kInfinity);
  run.timeout = number_of(configuration, "function-timeout", kInfinity);
  read_tasks(run, directory);
  CsvRows updates(directory / "iterations.csv", {"virtual_s"});
  for (std::vector<std::string> f; updates.next(f);) run.updates.push_back(updates.number(f[0]));
  CsvRows lives(directory / "fleet.csv", {"incarnation", "cold_start"});
  for (std::vector<std::string> f; lives.next(f);)
    if (f[0] == "1" && !f[1].empty()) run.first_starts.push_back(lives.number(f[1]));
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
