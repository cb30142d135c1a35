// The part of Session that protocols see.
#include "core/schedule/session.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace laggard {

TaskId Session::dispatch(ShardId shard, WorkerId worker) {
  LAGGARD_ASSERT(shard >= 0 && shard < shards(), fmt::format("shard {} of {}", shard, shards()));
  Task task;
  task.worker = worker;
  task.shard = shard;
  return start(std::move(task));
}

TaskId Session::dispatch_coded(WorkerId worker, std::vector<Part> parts) {
  LAGGARD_ASSERT(!parts.empty(), "a coded message of no shard");
  Task task;
  task.worker = worker;
  task.shard = parts.front().shard;
  task.parts = std::move(parts);
  return start(std::move(task));
}

TaskId Session::start(Task task) {
  LAGGARD_ASSERT(task.worker >= 0 && task.worker < workers(),
                 fmt::format("worker {} of {}", task.worker, workers()));
  task.id = next_task_++;
  method_.form(task);
  const auto shard = static_cast<std::size_t>(task.shard);
  Flight flight;
  flight.task = std::move(task);
  flight.dispatched = now();
  flight.z_round = round_;
  ++tasks_;
  const TaskId id = flight.task.id;
  ++worker_tasks_[static_cast<std::size_t>(flight.task.worker)];
  shard_tasks_[shard].push_back(id);
  submit(flights_.emplace(id, std::move(flight)).first->second.task);
  return id;
}

void Session::dispatch_all() {
  for (ShardId shard = 0; shard < shards(); ++shard) dispatch(shard);
}

void Session::dispatch_taken() {
  for (const ShardId shard : taken_) dispatch(shard);
}

void Session::dispatch_idle() {
  for (ShardId shard = 0; shard < shards(); ++shard)
    if (!busy(shard)) dispatch(shard);
}

// The next report whose task was not revoked after it had arrived.
std::optional<Report> Session::pop() {
  std::optional<Report> report = inbox_.try_pop();
  while (report && !flights_.contains(report->id)) report = inbox_.try_pop();
  return report;
}

asio::awaitable<Report> Session::next() {
  while (true) {
    check_stop();
    std::optional<Report> report = pop();
    if (report) co_return std::move(*report);
    if (in_flight_ == 0)
      throw Deadlock(fmt::format(
          "round {}: the protocol waits for a report, but no task is in flight", round_ + 1));
    co_await inbox_.wait();
  }
}

asio::awaitable<std::optional<Report>> Session::next_until(Time deadline) {
  while (true) {
    check_stop();
    std::optional<Report> report = pop();
    if (report || now() >= deadline) co_return report;
    co_await inbox_.wait(deadline);
  }
}

Session::Flight& Session::arrived(const Report& report) {
  const auto found = flights_.find(report.id);
  LAGGARD_ASSERT(found != flights_.end() && found->second.arrived,
                 fmt::format("the fate of task {} was decided before", report.id));
  return found->second;
}

void Session::accept(Report report) {
  Flight& flight = arrived(report);
  const auto shard = static_cast<std::size_t>(report.shard);
  LAGGARD_ASSERT(!fresh_[shard],
                 fmt::format("shard {} is accepted twice in round {}", report.shard, round_ + 1));
  LAGGARD_ASSERT(flight.task.parts.empty(), "a coded report is accepted undecoded");
  method_.accept(flight.task, std::move(report.contribution));
  fresh_[shard] = true;
  last_accept_[shard] = round_ + 1;
  settle(report.id, Outcome::accepted);
}

void Session::accept_decoded(std::vector<Report> reports, const std::vector<double>& weights) {
  Contribution sum;
  sum.x = Vector::Zero(method_.features());
  for (std::size_t i = 0; i < reports.size(); ++i) {
    LAGGARD_ASSERT(!late(reports[i]), "a coded report of an earlier z");
    sum.x += weights[i] * reports[i].contribution.x;
    sum.value += weights[i] * reports[i].contribution.value;
  }
  method_.accept_sum(std::move(sum));
  for (const Report& report : reports) {
    arrived(report);
    settle(report.id, Outcome::accepted);
  }
  fresh_.assign(fresh_.size(), true);
  last_accept_.assign(last_accept_.size(), round_ + 1);
}

void Session::discard(const Report& report) {
  arrived(report);
  ++row_.discarded;
  settle(report.id, Outcome::discarded);
}

void Session::revoke(TaskId task) {
  const auto found = flights_.find(task);
  LAGGARD_ASSERT(found != flights_.end() && !found->second.revoked,
                 fmt::format("task {} is revoked, but its fate was decided before", task));
  Flight& flight = found->second;
  if (flight.arrived) return settle(task, Outcome::revoked);  // its report waits unseen
  --in_flight_;
  forget(flight);
  flight.revoked = true;  // its row waits for the worker's times
  fleet_.revoke(task);
}

void Session::revoke_shard(ShardId shard) {
  const ShardTasks tasks = shard_tasks_[static_cast<std::size_t>(shard)];
  for (const TaskId task : tasks) revoke(task);
}

void Session::note_decoding(double error, double condition) {
  decode_error_ = std::fmax(decode_error_, error);
  condition_ = std::fmax(condition_, condition);
}

int Session::staleness(TaskId task) const {
  const auto found = flights_.find(task);
  LAGGARD_ASSERT(found != flights_.end(), fmt::format("task {} has no open fate", task));
  return round_ + 1 - found->second.z_round;
}

int Session::oldest_age() const {
  return round_ + 2 - *std::min_element(last_accept_.begin(), last_accept_.end());
}

void Session::update(Absent absent) {
  row_.rho = method_.rho();
  row_.age_max = oldest_age();
  LAGGARD_ASSERT(row_.age_max <= age_bound_,
                 fmt::format("round {}: a shard of age {}, beyond tau = {}", round_ + 1,
                             row_.age_max, age_bound_));
  const Residuals residuals = method_.update(absent);
  ++round_;
  const SharedVector z = method_.z();
  iterate_digest_.add(z->data(), sizeof(double) * static_cast<std::size_t>(z->size()));
  taken_.clear();
  for (ShardId shard = 0; shard < shards(); ++shard)
    if (fresh(shard)) taken_.push_back(shard);
  fresh_.assign(fresh_.size(), false);
  row_.round = round_;
  row_.at = now();
  row_.wall_seconds = wall_seconds();
  row_.primal = residuals.primal;
  row_.dual = residuals.dual;
  row_.fresh = taken_;
  monitor_->submit({std::exchange(row_, RoundRow{}), z, iterate_digest_.value()});
  judge(residuals);
  keep_checkpoint();
}

}  // namespace laggard
