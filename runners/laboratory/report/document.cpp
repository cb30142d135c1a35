#include "runners/laboratory/report/document.hpp"

#include "core/io/error.hpp"
#include "core/results/environment.hpp"
#include "core/results/row_reader.hpp"
#include "core/results/run_directory.hpp"
#include "runners/laboratory/report/labels.hpp"
#include "runners/laboratory/report/packed.hpp"
#include "runners/laboratory/report/paper.hpp"
#include "runners/laboratory/report/series.hpp"
#include "runners/laboratory/report/task_summary.hpp"
#include "runners/laboratory/report/timeline.hpp"
#include "runners/laboratory/report/warnings.hpp"
#include "runners/laboratory/results/fields.hpp"
#include "runners/laboratory/results/to_gap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <future>
#include <map>
#include <set>
#include <thread>

namespace laggard {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr const char* kWhat = "report";

// The files of a run. What cannot be read is left out, and `warning` says so.
struct RunRows {
  std::vector<RoundRow> rounds;
  std::vector<TaskRow> tasks;
  std::vector<LifeRow> lives;
  int workers = 0, shards = 0;
  std::string warning;
};

int count_field(const StoredRun& run, const char* name) {
  constexpr double kMost = 1e6;
  double count = number_field(run.run, name);
  if (std::isnan(count)) count = number_field(configuration_of(run), name);
  return count >= 1 && count <= kMost ? static_cast<int>(count) : 0;
}

void check_rows(const RunRows& rows, const StoredRun& run) {
  const auto check = [&](int worker) {
    if (worker < 0 || worker >= rows.workers)
      throw Error(fmt::format("{}: {}: a row of worker {}, of {} workers", kWhat,
                              run.folder.string(), worker, rows.workers));
  };
  for (const TaskRow& task : rows.tasks) check(task.worker);
  for (const LifeRow& life : rows.lives) check(life.key.worker);
}

RunRows read_rows(const StoredRun& run) {
  RunRows rows;
  rows.workers = count_field(run, "workers");
  rows.shards = count_field(run, "shards");
  if (rows.shards == 0) rows.shards = rows.workers;
  try {
    // One that did not end has no fleet.csv; one that failed may have none of them.
    rows.rounds = all_rounds(run, kWhat);
    rows.tasks = read_tasks(run.folder, kWhat);
    if (fs::exists(run.folder / "fleet.csv")) rows.lives = read_lives(run.folder, kWhat);
    check_rows(rows, run);
  } catch (const Error& error) {
    rows.tasks.clear();
    rows.lives.clear();
    if (run.status == run_status::kFinished)
      rows.warning = fmt::format("{}; left out", std::string(error.what()).substr(8));
  }
  return rows;
}

// The fields of --json but for those that stand elsewhere in the document.
json::object result_of(const StoredRun& run) {
  json::object result = run.run;
  for (const char* elsewhere : {"configuration", "argv", "schema", "id", "status"})
    result.erase(elsewhere);
  return result;
}

struct Described {
  const StoredRun& run;
  std::string label;
  Optimum optimum;
  std::string command;
};

// All of a run but the end of its object: the timeline.
std::string run_text(const Described& described, const RunRows& rows, std::size_t most_points) {
  const StoredRun& run = described.run;
  JsonWriter out;
  out.open_object();
  out.key("id").text(run.id);
  out.key("folder").text(run.folder.string());
  out.key("status").text(run.status);
  out.key("command").text(described.command);
  out.key("label").text(described.label);
  out.key("options").value(configuration_of(run));
  out.key("result").value(result_of(run));
  out.key("phi_star").number(described.optimum.phi, 17);
  out.key("phi_star_from");
  if (described.optimum.from.empty())
    out.null();
  else
    out.text(described.optimum.from);
  write_series(out, run, rows.rounds, described.optimum, Expenses(run, rows.lives), most_points);
  if (rows.workers > 0 && !rows.tasks.empty()) {
    const double seconds = number_field(run.run, "startup_seconds");
    const Time startup = std::isnan(seconds) ? Time{} : from_seconds(seconds);
    write_tasks(out, rows.rounds, rows.tasks, rows.workers, rows.shards, startup);
    write_workers(out, rows.tasks, rows.lives, rows.workers, startup);
  } else {
    out.key("tasks").null().key("workers").null();
  }
  out.key("timeline");
  return out.take();
}

// Calls work(i) for all i < count on as many threads as the machine has cores.
void for_each_in_parallel(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  const auto work_off = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  const std::size_t threads = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 16);
  std::vector<std::future<void>> all;
  for (std::size_t t = 1; t < std::min(threads, count); ++t)
    all.push_back(std::async(std::launch::async, work_off));
  work_off();
  for (std::future<void>& each : all) each.get();
}

// So many that a thousand runs take no more than two hundred do with 300.
std::size_t points_a_run(std::size_t runs) {
  constexpr std::size_t kMost = 300, kLeast = 30, kAll = 200 * kMost;
  return std::clamp(kAll / runs, kLeast, kMost);
}

// First one of each protocol, that with the most workers; then the others as they are listed.
std::vector<std::size_t> timeline_order(const std::vector<StoredRun>& runs) {
  std::multimap<int, std::size_t, std::greater<>> by_workers;  // keeps equals in order
  for (std::size_t i = 0; i < runs.size(); ++i)
    by_workers.emplace(count_field(runs[i], "workers"), i);
  std::vector<std::size_t> order, others;
  std::set<std::string> shown;
  for (const auto& [workers, i] : by_workers)
    (shown.insert(option_text(runs[i], "protocol")).second ? order : others).push_back(i);
  std::sort(others.begin(), others.end());
  order.insert(order.end(), others.begin(), others.end());
  return order;
}

// The largest timeline of the run that takes no more than `room` bytes packed; empty: none does.
// `text` comes before it, and is counted again: behind a long timeline it packs as if alone.
std::string fitting_timeline(const std::string& text, const RunRows& rows, std::size_t& room) {
  constexpr std::size_t kMostTasks = 30'000, kLeastTasks = 500;
  if (rows.tasks.empty() || rows.workers == 0) return {};
  for (std::size_t most = std::min(kMostTasks, rows.tasks.size());; most /= 2) {
    std::string line = timeline_json(rows.rounds, rows.tasks, rows.lives, rows.workers, most);
    const std::size_t size = packed(text + line).size();
    if (size <= room) {
      room -= size;
      return line;
    }
    if (most <= kLeastTasks) return {};
  }
}

std::vector<std::string> timelines(const std::vector<StoredRun>& runs,
                                   const std::vector<std::string>& texts, std::size_t room) {
  std::vector<std::string> lines(runs.size(), "null");
  std::set<std::string> shown;
  for (const std::size_t i : timeline_order(runs)) {
    const bool first = shown.insert(option_text(runs[i], "protocol")).second;
    const RunRows rows = read_rows(runs[i]);
    if (rows.tasks.empty()) continue;
    std::string line = fitting_timeline(texts[i], rows, room);
    if (!line.empty())
      lines[i] = std::move(line);
    else if (!first)
      break;
  }
  return lines;
}

std::string title_of(const ReportOptions& options) {
  if (!options.title.empty()) return options.title;
  const fs::path folder = fs::weakly_canonical(options.folders.front());
  return folder.filename().string();
}

}  // namespace

ReportDocument make_report(const ReportOptions& options) {
  std::vector<StoredRun> runs = load_runs(options.folders, kWhat);
  ReportDocument report;
  for (const auto& warnings : {drop_unreadable(runs), drop_repeated(runs), warnings_of(runs)})
    report.warnings.insert(report.warnings.end(), warnings.begin(), warnings.end());
  const std::vector<Optimum> best = optima(runs, report.warnings);
  const std::vector<std::string> names = labels(runs);
  report.runs = runs.size();

  std::vector<std::string> commands;  // by this thread alone: plugins may be loaded
  for (const StoredRun& run : runs) commands.push_back(options.command(configuration_of(run)));

  std::vector<std::string> texts(runs.size()), unread(runs.size());
  for_each_in_parallel(runs.size(), [&](std::size_t i) {
    RunRows rows = read_rows(runs[i]);
    const Described described{runs[i], names[i], best[i], commands[i]};
    texts[i] = run_text(described, rows, points_a_run(runs.size()));
    unread[i] = std::move(rows.warning);
  });
  for (std::string& warning : unread)
    if (!warning.empty()) report.warnings.push_back(std::move(warning));

  JsonWriter head;
  head.open_object();
  head.key("schema").integer(1);
  head.key("made").text(options.made);
  head.key("version").text(version());
  head.key("title").text(title_of(options));
  if (options.gap > 0) head.key("gap").number(options.gap, 17);
  head.key("warnings").open_array();
  for (const std::string& warning : report.warnings) head.text(warning);
  head.close_array();
  head.key("paper").json(kPaper);
  head.key("runs");
  report.json = head.take() + '[';

  std::string without = report.json;
  for (const std::string& text : texts) without += text;
  // As text every three bytes are four characters.
  const std::size_t room = options.most_bytes / 4 * 3, taken = packed(without).size();
  const std::vector<std::string> lines = timelines(runs, texts, room - std::min(room, taken));
  for (std::size_t i = 0; i < runs.size(); ++i)
    report.json += (i > 0 ? "," : "") + texts[i] + lines[i] + '}';
  report.json += "]}";
  return report;
}

}  // namespace laggard
