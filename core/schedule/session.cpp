// The part of Session that protocols see.
#include "core/schedule/session.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <utility>

namespace laggard {

TaskId Session::dispatch(ShardId shard, WorkerId worker) {
  LAGGARD_ASSERT(shard >= 0 && shard < shards(), fmt::format("shard {} of {}", shard, shards()));
  LAGGARD_ASSERT(worker >= 0 && worker < workers(), fmt::format("worker {} of {}", worker, workers()));
  Flight flight;
  Task& task = flight.task;
  task.id = next_task_++;
  task.worker = worker;
  task.shard = shard;
  method_.form(shard, task);
  const WorkerId holder = holder_[static_cast<std::size_t>(shard)];
  task.carries_dual = holder >= 0 && holder != worker;
  task.numbers_down = method_.features() * (task.carries_dual ? 2 : 1);
  flight.dispatched = now();
  flight.z_round = round_;
  ++tasks_;
  const Flight& kept = flights_.emplace(task.id, flight).first->second;
  submit(kept.task);
  return kept.task.id;
}

void Session::dispatch_all() {
  for (ShardId shard = 0; shard < shards(); ++shard) dispatch(shard);
}

asio::awaitable<Report> Session::next() {
  while (true) {
    check_stop();
    std::optional<Report> report = inbox_.try_pop();
    if (report) co_return std::move(*report);
    if (in_flight_ == 0)
      throw Deadlock(fmt::format("round {}: the protocol waits for a report, but no task is in flight",
                                 round_ + 1));
    co_await inbox_.wait();
  }
}

asio::awaitable<std::optional<Report>> Session::next_until(Time deadline) {
  while (true) {
    check_stop();
    std::optional<Report> report = inbox_.try_pop();
    if (report || now() >= deadline) co_return report;
    co_await inbox_.wait(deadline);
  }
}

void Session::accept(Report report) {
  const auto found = flights_.find(report.id);
  LAGGARD_ASSERT(found != flights_.end() && found->second.arrived,
                 fmt::format("task {} is accepted, but its fate was decided before", report.id));
  Flight& flight = found->second;
  const auto shard = static_cast<std::size_t>(report.shard);
  LAGGARD_ASSERT(!fresh_[shard],
                 fmt::format("shard {} is accepted twice in round {}", report.shard, round_ + 1));
  method_.accept(report.shard, std::move(report.contribution), flight.task.z, flight.task.rho);
  fresh_[shard] = true;
  holder_[shard] = report.worker;
  last_accept_[shard] = round_ + 1;
  ++row_.accepted;
  ++tasks_accepted_;
  row_.staleness_max = std::max(row_.staleness_max, staleness(report.id));
  flight.row.staleness = staleness(report.id);
  settle(report.id, Outcome::accepted);
}

void Session::discard(const Report& report) {
  const auto found = flights_.find(report.id);
  LAGGARD_ASSERT(found != flights_.end() && found->second.arrived,
                 fmt::format("task {} is discarded, but its fate was decided before", report.id));
  ++row_.discarded;
  settle(report.id, Outcome::discarded);
}

void Session::revoke(TaskId task) {
  const auto found = flights_.find(task);
  LAGGARD_ASSERT(found != flights_.end() && !found->second.arrived,
                 fmt::format("task {} is revoked, but it is not in flight", task));
  fleet_.revoke(task);
  --in_flight_;
  settle(task, Outcome::revoked);
}

int Session::staleness(TaskId task) const {
  const auto found = flights_.find(task);
  LAGGARD_ASSERT(found != flights_.end(), fmt::format("task {} has no open fate", task));
  return round_ + 1 - found->second.z_round;
}

int Session::age(ShardId shard) const {
  return round_ + 1 - last_accept_[static_cast<std::size_t>(shard)] + 1;
}

void Session::update() {
  row_.rho = method_.rho();
  const Residuals residuals = method_.update();
  ++round_;
  const SharedVector z = method_.z();
  iterate_digest_.add(z->data(), sizeof(double) * static_cast<std::size_t>(z->size()));
  row_.round = round_;
  row_.at = now();
  row_.wall_seconds = wall_seconds();
  row_.primal = residuals.primal;
  row_.dual = residuals.dual;
  for (ShardId shard = 0; shard < shards(); ++shard) {
    const auto p = static_cast<std::size_t>(shard);
    row_.age_max = std::max(row_.age_max, round_ - last_accept_[p] + 1);
    if (fresh_[p]) row_.fresh.push_back(shard);
    fresh_[p] = false;
  }
  monitor_->submit(std::exchange(row_, RoundRow{}), z);
  judge(residuals);
}

}  // namespace laggard
