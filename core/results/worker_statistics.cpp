#include "core/results/worker_statistics.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace laggard {
namespace {

// How a life ends that is no loss, in the words of Lifecycle.
constexpr std::string_view kHandedOver = "handed over";
constexpr std::string_view kGoodbye = "goodbye";

// Of a run that never comes to its end of start-up no more is kept: of so many waits those of the
// older half began in it, for it ends when one of the newest tasks begins.
constexpr std::size_t kMostWaits = std::size_t{1} << 20;

}  // namespace

WorkerStatistics::WorkerStatistics(int workers) : workers_(static_cast<std::size_t>(workers)) {
  for (std::size_t w = 0; w < workers_.size(); ++w) workers_[w].worker = static_cast<WorkerId>(w);
}

void WorkerStatistics::add(const TaskRow& row) {
  if (row.round != round_) {
    if (!delays_.empty()) ++rounds_;
    count_slow(delays_, workers_);
    delays_.clear();
    round_ = row.round;
  }
  const TaskTimes times = times_of(row);
  WorkerRow& worker = workers_[static_cast<std::size_t>(row.worker)];
  ++worker.tasks;
  worker.compute.add(times.compute);
  worker.pause.add(row.pause);
  const bool idled = row.idle != kForever && row.started != kForever;
  const Wait wait = {row.worker,    row.dispatched, idled ? row.started - row.idle : kForever,
                     row.idle,      times.delay,    times.communication,
                     times.queueing};
  if (startup_) {
    count(wait);
  } else {
    if (waits_.size() == kMostWaits) waits_.erase(waits_.begin(), waits_.begin() + kMostWaits / 2);
    waits_.push_back(wait);
  }
  const bool came_back = row.outcome != Outcome::failed && row.outcome != Outcome::unfinished;
  if (came_back && times.delay != kForever)
    delays_.push_back({times.delay, static_cast<int>(delays_.size()), row.worker});
}

void WorkerStatistics::end_startup(Time at) {
  startup_ = at;
  for (const Wait& wait : std::exchange(waits_, {})) count(wait);
}

void WorkerStatistics::count(const Wait& wait) {
  WorkerRow& worker = workers_[static_cast<std::size_t>(wait.worker)];
  const bool sent_later = wait.sent >= *startup_, idled_later = wait.idle_since >= *startup_;
  if (idled_later) worker.idle.add(wait.idle);
  if (sent_later) worker.delay.add(wait.delay);
  if (sent_later) worker.communication.add(wait.communication);
  if (sent_later && idled_later) worker.queueing.add(wait.queueing);
}

void WorkerStatistics::count_slow(std::vector<Delay>& delays, std::vector<WorkerRow>& workers) {
  const auto fast = delays.begin() + static_cast<std::ptrdiff_t>((delays.size() + 9) / 10);
  std::nth_element(delays.begin(), fast, delays.end(), [](const Delay& a, const Delay& b) {
    return std::pair(a.delay, a.number) > std::pair(b.delay, b.number);
  });
  std::vector<WorkerId> slow;
  std::for_each(delays.begin(), fast, [&](const Delay& each) { slow.push_back(each.worker); });
  std::sort(slow.begin(), slow.end());
  slow.erase(std::unique(slow.begin(), slow.end()),
             slow.end());  // with several shards it is one worker
  for (const WorkerId worker : slow) ++workers[static_cast<std::size_t>(worker)].slow_rounds;
}

std::vector<WorkerRow> WorkerStatistics::rows(const std::vector<LifeRow>& lives) const {
  std::vector<WorkerRow> rows = workers_;
  std::vector<Delay> delays = delays_;
  count_slow(delays, rows);
  const std::int64_t rounds = rounds_ + (delays_.empty() ? 0 : 1);
  for (WorkerRow& row : rows)
    if (rounds > 0)
      row.responsiveness = static_cast<double>(row.slow_rounds) / static_cast<double>(rounds);
  for (const LifeRow& life : lives) {
    WorkerRow& row = rows[static_cast<std::size_t>(life.key.worker)];
    ++row.starts;
    if (life.ready != kForever) row.cold_start.add(life.ready - life.invoked);
    if (life.ended == kForever || life.connected == kForever) continue;
    if (life.end == kHandedOver)
      ++row.hand_overs;
    else if (life.end != kGoodbye)
      ++row.losses;
  }
  return rows;
}

WorkerRow total(const std::vector<WorkerRow>& rows) {
  WorkerRow all;
  for (const WorkerRow& row : rows) {
    all.tasks += row.tasks;
    all.compute.add(row.compute);
    all.pause.add(row.pause);
    all.idle.add(row.idle);
    all.delay.add(row.delay);
    all.communication.add(row.communication);
    all.queueing.add(row.queueing);
    all.cold_start.add(row.cold_start);
    all.slow_rounds += row.slow_rounds;
    all.starts += row.starts;
    all.hand_overs += row.hand_overs;
    all.losses += row.losses;
  }
  return all;
}

}  // namespace laggard
