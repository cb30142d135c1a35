#include "runners/laboratory/report/timeline.hpp"

#include "runners/laboratory/report/json_writer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace laggard {
namespace {

double seconds_or_none(Time time) { return time == kForever ? kNaN : to_seconds(time); }

// So many that a hundredth of the usual task is told.
int decimals_of_times(const std::vector<TaskRow>& tasks) {
  std::vector<Time> delays;
  for (const TaskRow& task : tasks)
    if (const Time delay = times_of(task).delay; delay != kForever && delay > Time{})
      delays.push_back(delay);
  if (delays.empty()) return 6;
  const auto middle = delays.begin() + static_cast<std::ptrdiff_t>(delays.size() / 2);
  std::nth_element(delays.begin(), middle, delays.end());
  return std::clamp(static_cast<int>(std::ceil(2 - std::log10(to_seconds(*middle)))), 0, 9);
}

// The last round whose tasks are all among the first `most`; at least one.
int last_round(const std::vector<TaskRow>& tasks, std::size_t most) {
  if (tasks.size() <= most) return std::numeric_limits<int>::max();
  std::vector<int> rounds;
  for (const TaskRow& task : tasks) rounds.push_back(task.round);
  std::sort(rounds.begin(), rounds.end());
  return std::max(rounds[most] - 1, rounds.front());
}

}  // namespace

std::string timeline_json(const std::vector<RoundRow>& rounds, const std::vector<TaskRow>& tasks,
                          const std::vector<LifeRow>& lives, int workers, std::size_t most) {
  const int last = last_round(tasks, most);
  const int decimals = decimals_of_times(tasks);
  JsonWriter out;
  const auto column = [&](const char* name, auto write) {
    out.key(name).open_array();
    for (const TaskRow& task : tasks)
      if (task.round <= last) write(task);
    out.close_array();
  };
  const auto times = [&](const char* name, Time TaskRow::* time) {
    column(name, [&](const TaskRow& task) { out.decimals(seconds_or_none(task.*time), decimals); });
  };
  out.open_object();
  out.key("workers").integer(workers);
  out.key("task").open_object();
  column("worker", [&](const TaskRow& task) { out.integer(task.worker); });
  column("shard", [&](const TaskRow& task) { out.integer(task.shard); });
  column("round", [&](const TaskRow& task) { out.integer(task.round); });
  times("dispatched", &TaskRow::dispatched);
  times("started", &TaskRow::started);
  times("finished", &TaskRow::finished);
  times("arrived", &TaskRow::arrived);
  column("outcome", [&](const TaskRow& task) { out.integer(static_cast<int>(task.outcome)); });
  out.close_object();
  out.key("outcome_names").open_array();
  for (const Outcome outcome : {Outcome::accepted, Outcome::discarded, Outcome::revoked,
                                Outcome::failed, Outcome::unfinished})
    out.text(to_string(outcome));
  out.close_array();
  Time until{};
  out.key("updates").open_array();
  for (const RoundRow& row : rounds) {
    if (row.round > last) break;
    until = row.at;
    out.decimals(to_seconds(row.at), decimals);
  }
  out.close_array();
  out.key("lives").open_array();
  for (const LifeRow& life : lives) {
    if (last != std::numeric_limits<int>::max() && life.invoked > until) continue;
    out.open_object();
    out.key("worker").integer(life.key.worker);
    out.key("incarnation").integer(life.key.incarnation);
    out.key("invoked").decimals(seconds_or_none(life.invoked), decimals);
    out.key("connected").decimals(seconds_or_none(life.connected), decimals);
    out.key("ready").decimals(seconds_or_none(life.ready), decimals);
    out.key("ended").decimals(seconds_or_none(life.ended), decimals);
    out.key("end").text(life.end);
    out.close_object();
  }
  out.close_array();
  out.close_object();
  return out.take();
}

}  // namespace laggard
