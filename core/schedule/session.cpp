#include "core/schedule/session.hpp"

#include "core/io/error.hpp"
#include "core/schedule/run.hpp"

#include <fmt/format.h>

#include <limits>
#include <utility>

namespace laggard {
namespace {

// sum += weight term; an empty sum is zero.
void add_weighted(Contribution& sum, double weight, const Contribution& term) {
  if (!sum.given()) {
    for (const Vector& vector : term.vectors) sum.vectors.push_back(Vector::Zero(vector.size()));
    sum.scalars.assign(term.scalars.size(), 0);
  }
  for (std::size_t i = 0; i < sum.vectors.size(); ++i) sum.vectors[i] += weight * term.vectors[i];
  for (std::size_t i = 0; i < sum.scalars.size(); ++i) sum.scalars[i] += weight * term.scalars[i];
}

}  // namespace

int Session::shards() const { return run_.model().shards(); }
int Session::workers() const { return run_.fleet_.size(); }
Time Session::now() const { return run_.fleet_.now(); }
int Session::round() const { return run_.round_; }
int Session::models() const { return static_cast<int>(run_.models_.size()); }
int Session::last_round() const {
  return run_.options_.max_rounds.value_or(std::numeric_limits<int>::max());
}
const OptionValues& Session::options() const { return run_.options_.protocol_options; }
bool Session::running() const { return !run_.verdict_.ends(); }

TaskId Session::dispatch(ShardId shard, WorkerId worker) {
  LAGGARD_ASSERT(shard >= 0 && shard < shards(), fmt::format("shard {} of {}", shard, shards()));
  return run_.dispatch(worker, shard, {}, nullptr);
}

TaskId Session::dispatch(ShardId shard, WorkerId worker, const Point& point) {
  LAGGARD_ASSERT(shard >= 0 && shard < shards(), fmt::format("shard {} of {}", shard, shards()));
  return run_.dispatch(worker, shard, {}, &point);
}

TaskId Session::dispatch_coded(WorkerId worker, std::vector<Part> parts) {
  LAGGARD_ASSERT(!parts.empty(), "a coded message of no shard");
  const ShardId first = parts.front().shard;
  return run_.dispatch(worker, first, std::move(parts), nullptr);
}

TaskId Session::dispatch_coded(WorkerId worker, std::vector<Part> parts, const Point& point) {
  LAGGARD_ASSERT(!parts.empty(), "a coded message of no shard");
  const ShardId first = parts.front().shard;
  return run_.dispatch(worker, first, std::move(parts), &point);
}

Point Session::newest_point(int model) const {
  LAGGARD_ASSERT(model >= 0 && model < models(), fmt::format("model {} of {}", model, models()));
  return run_.newest_point(model);
}

TaskId Session::dispatch_after(ShardId shard, std::vector<PeerMessage> messages) {
  LAGGARD_ASSERT(shard >= 0 && shard < shards(), fmt::format("shard {} of {}", shard, shards()));
  return run_.dispatch(shard % workers(), shard, {}, nullptr, std::move(messages));
}

void Session::dispatch_all() {
  for (ShardId shard = 0; shard < shards(); ++shard) dispatch(shard);
}

const std::vector<ShardId>& Session::taken() const { return run_.taken_; }

void Session::dispatch_taken() {
  for (const ShardId shard : taken()) dispatch(shard);
}

void Session::dispatch_idle() {
  for (ShardId shard = 0; shard < shards(); ++shard)
    if (!busy(shard)) dispatch(shard);
}

asio::awaitable<Report> Session::next() {
  while (true) {
    run_.check_stop();
    std::optional<Report> report = run_.next_arrived();
    if (report) co_return std::move(*report);
    if (run_.flights_.under_way() == 0)
      throw Deadlock(fmt::format(
          "round {}: the protocol waits for a report, but no task is in flight", round() + 1));
    if (!run_.inbox_.pass_time()) co_await run_.inbox_.wait();
  }
}

asio::awaitable<std::optional<Report>> Session::next_until(Time deadline) {
  while (true) {
    run_.check_stop();
    std::optional<Report> report = run_.next_arrived();
    if (report || now() >= deadline) co_return report;
    if (deadline != kForever) run_.inbox_.wake_at(deadline);
    if (!run_.inbox_.pass_time()) co_await run_.inbox_.wait();
  }
}

void Session::use(Report& report) {
  Flight& flight = run_.flights_.arrived(report);
  LAGGARD_ASSERT(!flight.used, fmt::format("the report of task {} is used twice", report.id));
  const LapTime<>::Lap lap(run_.accept_time_);
  run_.model().accept(flight.task, std::move(report.contribution));
  flight.used = true;
}

void Session::accept(Report report) {
  Flight& flight = run_.flights_.arrived(report);
  LAGGARD_ASSERT(!fresh(report.shard),
                 fmt::format("shard {} is accepted twice in round {}", report.shard, round() + 1));
  LAGGARD_ASSERT(flight.task.parts.empty(), "a coded report is accepted undecoded");
  run_.check_turn(flight);
  if (!flight.used) {
    const LapTime<>::Lap lap(run_.accept_time_);
    run_.model().accept(flight.task, std::move(report.contribution));
  }
  run_.ages_.accept(report.shard, round(), flight.z_at);
  run_.decide(flight, Outcome::accepted);
}

void Session::accept_decoded(std::vector<Report> reports, const std::vector<double>& weights) {
  const Stopwatch watch(run_.method_time_);
  LAGGARD_ASSERT(!reports.empty(), "a sum of no coded report");
  Contribution sum;
  const Flight& first = run_.flights_.arrived(reports.front());
  run_.check_turn(first);
  LAGGARD_ASSERT(first.chosen || !late(reports.front()), "a coded report of an earlier z");
  for (std::size_t i = 0; i < reports.size(); ++i) {
    LAGGARD_ASSERT(run_.flights_.arrived(reports[i]).task.z == first.task.z,
                   "coded reports of more than one z");
    add_weighted(sum, weights[i], reports[i].contribution);
  }
  run_.model().accept_sum(first.task, std::move(sum));
  const Time z_at = first.z_at;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    Flight& flight = run_.flights_.arrived(reports[i]);
    if (weights[i] != 0) {
      if (flight.task.parts.empty()) run_.ages_.accept(flight.task.shard, round(), z_at);
      for (const Part& part : flight.task.parts) run_.ages_.accept(part.shard, round(), z_at);
    }
    run_.decide(flight, Outcome::accepted);
  }
}

void Session::discard(const Report& report) {
  Flight& flight = run_.flights_.arrived(report);
  LAGGARD_ASSERT(!flight.used, fmt::format("the report of task {} is used", report.id));
  run_.decide(flight, Outcome::discarded);
}

void Session::revoke(TaskId task) {
  Flight* flight = run_.flights_.find(task);
  LAGGARD_ASSERT(flight && !flight->revoked,
                 fmt::format("task {} is revoked, but its fate was decided before", task));
  if (flight->arrived) return run_.decide(*flight, Outcome::revoked);  // its report waits unseen
  run_.flights_.revoke(*flight);
  run_.fleet_.revoke(task);
}

void Session::revoke_shard(ShardId shard) {
  const std::vector<TaskId> tasks = run_.flights_.of_shard(shard);
  for (const TaskId task : tasks) revoke(task);
}

void Session::update(Absent absent) { run_.update(absent); }

void Session::fail_run(std::string why) {
  run_.verdict_.end(StopReason::fleet_failed, std::move(why));
}

int Session::accepted() const { return run_.ledger_.accepted(); }
bool Session::fresh(ShardId shard) const { return run_.ages_.fresh(shard); }
bool Session::busy(ShardId shard) const { return run_.flights_.shard_busy(shard); }
bool Session::worker_busy(WorkerId worker) const { return run_.flights_.worker_busy(worker); }
int Session::staleness(TaskId task) const { return run_.staleness(run_.flights_.at(task)); }
std::span<const ShardId> Session::neighbours(ShardId shard) const {
  return run_.model().neighbours(shard);
}
int Session::oldest_age() const { return run_.ages_.oldest(round()); }
Time Session::oldest_kept() const { return run_.ages_.oldest_kept(now()); }
void Session::bound_age(std::int64_t tau, Time tau_seconds) {
  run_.ages_.bound = tau;
  run_.ages_.kept_bound = tau_seconds;
}
void Session::renew_lost_tasks() { run_.renew_lost_ = true; }
void Session::note_decoding(const Decoding& decoding) { run_.ledger_.on_decoding(decoding); }

}  // namespace laggard
