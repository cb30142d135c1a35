#include "runners/laboratory/report/task_summary.hpp"

#include "core/results/worker_statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <string>
#include <utility>

namespace laggard {
namespace {

constexpr int kDigits = 6;
constexpr double kEdgesADecade = 20;

// The edge of that number, as it is written: with four digits.
double edge(int number) {
  const std::string text = fmt::format("{:.4g}", std::pow(10, number / kEdgesADecade));
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The last edge that is not above `value`.
int edge_below(double value) {
  int number = static_cast<int>(std::floor(std::log10(value) * kEdgesADecade));
  while (edge(number) > value) --number;
  while (edge(number + 1) <= value) ++number;
  return number;
}

// When a time of a task began: a computation or a pause whenever it was, which no start-up is in.
using Begin = Time (*)(const TaskRow&);
Time any_time(const TaskRow&) { return kForever; }
Time when_sent(const TaskRow& task) { return task.dispatched; }
Time idle_since(const TaskRow& task) {
  return task.idle == kForever || task.started == kForever ? kForever : task.started - task.idle;
}
Time when_both(const TaskRow& task) { return std::min(when_sent(task), idle_since(task)); }

struct Kind {
  const char* name;
  Time (*time)(const TaskRow&);
  Begin begin;
};
constexpr std::array<Kind, 6> kKinds = {{
    {"compute", [](const TaskRow& task) { return times_of(task).compute; }, any_time},
    {"idle", [](const TaskRow& task) { return task.idle; }, idle_since},
    {"delay", [](const TaskRow& task) { return times_of(task).delay; }, when_sent},
    {"communication", [](const TaskRow& task) { return times_of(task).communication; }, when_sent},
    {"queueing", [](const TaskRow& task) { return times_of(task).queueing; }, when_both},
    {"pause", [](const TaskRow& task) { return task.pause; }, any_time},
}};

// Of all tasks that have it, and of which it began when start-up was over.
std::vector<double> values_of(const Kind& kind, const std::vector<TaskRow>& tasks, Time startup) {
  std::vector<double> values;
  for (const TaskRow& task : tasks)
    if (const Time time = kind.time(task); time != kForever && kind.begin(task) >= startup)
      values.push_back(to_seconds(time));
  return values;
}

// The part of a task that comes after start-up.
TaskRow after(Time startup, TaskRow task) {
  const auto later = [&](Time a, Time b) {
    return a == kForever || b == kForever ? kForever : std::max(a + b, startup);
  };
  const Time idle_from = idle_since(task), computes = later(task.started, task.pause);
  for (Time* const time : {&task.dispatched, &task.started, &task.finished, &task.arrived})
    *time = std::max(*time, startup);
  if (computes != kForever) task.pause = computes - task.started;
  if (idle_from != kForever) task.idle = task.started - std::max(idle_from, startup);
  return task;
}

// Worker-seconds: start-up is that of all workers, the others count from its end on.
void write_seconds(JsonWriter& out, const std::vector<TaskRow>& tasks, int workers, Time startup) {
  std::array<double, kKinds.size()> sums{};
  for (const TaskRow& task : tasks) {
    const TaskRow part = after(startup, task);
    for (std::size_t i = 0; i < kKinds.size(); ++i)
      if (const Time time = kKinds[i].time(part); time != kForever) sums[i] += to_seconds(time);
  }
  out.key("seconds").open_object();
  out.key("startup").number(workers * to_seconds(startup), kDigits);
  for (std::size_t i = 0; i < kKinds.size(); ++i) out.key(kKinds[i].name).number(sums[i], kDigits);
  out.close_object();
}

void write_histogram(JsonWriter& out, const Histogram& histogram) {
  out.open_object();
  out.key("edges").numbers(histogram.edges, 4);
  out.key("counts").integers(histogram.counts);
  out.close_object();
}

std::vector<std::int64_t> staleness_counts(const std::vector<TaskRow>& tasks) {
  std::vector<std::int64_t> counts;
  for (const TaskRow& task : tasks) {
    if (task.outcome != Outcome::accepted || task.staleness < 0) continue;
    const auto at = static_cast<std::size_t>(task.staleness);
    if (at >= counts.size()) counts.resize(at + 1);
    ++counts[at];
  }
  return counts;
}

}  // namespace

Histogram histogram_of(const std::vector<double>& values) {
  // Below this nothing is told apart: the clock counts nanoseconds.
  constexpr double kLeast = 1e-9;
  std::map<int, std::int64_t> counts;
  std::int64_t none = 0;
  for (const double value : values) {
    if (value < kLeast)
      ++none;
    else
      ++counts[edge_below(value)];
  }
  Histogram histogram;
  if (none > 0) {
    histogram.edges.push_back(0);
    histogram.counts.push_back(none);
  }
  if (counts.empty()) {
    if (none > 0) histogram.edges.push_back(kLeast);
    return histogram;
  }
  const int last = counts.rbegin()->first;
  for (int number = counts.begin()->first; number <= last; ++number) {
    histogram.edges.push_back(edge(number));
    histogram.counts.push_back(counts.contains(number) ? counts[number] : 0);
  }
  histogram.edges.push_back(edge(last + 1));
  return histogram;
}

std::optional<std::vector<std::int64_t>> age_counts(const std::vector<RoundRow>& rounds,
                                                    const std::vector<TaskRow>& tasks, int shards) {
  std::map<int, std::vector<int>> taken;  // by round: shards
  for (const TaskRow& task : tasks) {
    if (task.outcome != Outcome::accepted) continue;
    if (task.shard < 0 || task.shard >= shards) return std::nullopt;
    taken[task.round].push_back(task.shard);
  }
  // By shard, the round that took its newest report, as core/schedule/ages.hpp counts them.
  std::vector<int> last(static_cast<std::size_t>(shards), 0);
  std::vector<std::int64_t> counts;
  for (const RoundRow& row : rounds) {
    for (const int shard : taken[row.round]) last[static_cast<std::size_t>(shard)] = row.round;
    int oldest = 0;
    for (const int round : last) {
      const int age = row.round + 1 - round;
      oldest = std::max(oldest, age);
      if (static_cast<std::size_t>(age) >= counts.size())
        counts.resize(static_cast<std::size_t>(age) + 1);
      ++counts[static_cast<std::size_t>(age)];
    }
    if (oldest != row.age_max) return std::nullopt;
  }
  return counts;
}

void write_tasks(JsonWriter& out, const std::vector<RoundRow>& rounds,
                 const std::vector<TaskRow>& tasks, int workers, int shards, Time startup) {
  out.key("tasks").open_object();
  for (const Kind& kind : kKinds) {
    out.key(kind.name);
    write_histogram(out, histogram_of(values_of(kind, tasks, startup)));
  }
  out.key("staleness").integers(staleness_counts(tasks));
  out.key("age");
  if (const auto ages = age_counts(rounds, tasks, shards))
    out.integers(*ages);
  else
    out.null();
  out.key("outcomes").open_object();
  for (const Outcome outcome : {Outcome::accepted, Outcome::discarded, Outcome::revoked,
                                Outcome::failed, Outcome::unfinished})
    out.key(to_string(outcome))
        .integer(std::count_if(tasks.begin(), tasks.end(),
                               [&](const TaskRow& task) { return task.outcome == outcome; }));
  out.close_object();
  write_seconds(out, tasks, workers, startup);
  out.close_object();
}

void write_workers(JsonWriter& out, const std::vector<TaskRow>& tasks,
                   const std::vector<LifeRow>& lives, int workers, Time startup) {
  WorkerStatistics statistics(workers);
  statistics.end_startup(startup);
  for (const TaskRow& task : tasks) statistics.add(task);
  const std::vector<WorkerRow> rows = statistics.rows(lives);
  const auto means = [&](const char* name, MeanTime WorkerRow::* time) {
    out.key(name).open_array();
    for (const WorkerRow& row : rows) {
      const Time mean = (row.*time).mean();
      out.number(mean == kForever ? kNaN : to_seconds(mean), kDigits);
    }
    out.close_array();
  };
  out.key("workers").open_object();
  means("compute", &WorkerRow::compute);
  means("idle", &WorkerRow::idle);
  means("delay", &WorkerRow::delay);
  means("communication", &WorkerRow::communication);
  means("cold_start", &WorkerRow::cold_start);
  out.key("responsiveness").open_array();
  for (const WorkerRow& row : rows) out.number(row.responsiveness, kDigits);
  out.close_array();
  out.close_object();
}

}  // namespace laggard
