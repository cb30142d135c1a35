// The part of Session that deals with the fleet, the stop and the results.
#include "core/schedule/session.hpp"

#include "core/io/error.hpp"

#include "core/problem/vector_ops.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace laggard {
namespace {

constexpr int kMostFailures = 3;     // of one task, before the run gives up
constexpr int kMostLosses = 20;      // of workers with one and the same task
constexpr double kDivergence = 1e6;  // growth of phi over max(1, abs(phi(0)))
constexpr Time kInterruptPoll = std::chrono::milliseconds(50);

}  // namespace

Session::Session(Fleet& fleet, const Problem& problem, Method& method,
                 const SessionOptions& options, Observer& observer,
                 const std::atomic<bool>& interrupted)
    : fleet_(fleet),
      problem_(problem),
      method_(method),
      options_(options),
      observer_(observer),
      interrupted_(interrupted),
      inbox_(fleet),
      shard_tasks_(static_cast<std::size_t>(method.shards())),
      worker_tasks_(static_cast<std::size_t>(fleet.size()), 0),
      last_accept_(static_cast<std::size_t>(method.shards()), 0),
      fresh_(static_cast<std::size_t>(method.shards()), false),
      last_finished_(static_cast<std::size_t>(fleet.size()), kForever),
      statistics_(fleet.size()) {
  LAGGARD_ASSERT(!options.target_gap || options.reference, "a target gap without a reference");
  const auto deliver = [this](Iterate iterate) { on_evaluated(std::move(iterate)); };
  if (fleet.real_time())
    monitor_ = std::make_unique<BackgroundMonitor>(problem, fleet, deliver);
  else
    monitor_ = std::make_unique<InlineMonitor>(problem, options.threads, deliver);
}

Summary Session::run(const Protocol& protocol) {
  const Vector zero = Vector::Zero(method_.features());
  initial_objective_ = last_row_.objective = objective(problem_, view(zero), options_.threads);
  if (round_ > 0) last_row_.objective = objective(problem_, view(*method_.z()), options_.threads);
  last_row_.round = round_;
  last_row_.rho = method_.rho();
  if (options_.reference) last_row_.gap = relative_gap(last_row_.objective, *options_.reference);
  wall_start_ = std::chrono::steady_clock::now();
  try {
    fleet_.run(body(protocol));
  } catch (const Stop&) {
    // The run ended while the protocol waited; stop_ says why.
  }
  LAGGARD_ASSERT(stop_, "protocol " + protocol.name + " returned although no stop rule holds");
  monitor_->finish();
  std::vector<TaskId> open;
  for (const auto& [id, flight] : flights_) open.push_back(id);
  std::sort(open.begin(), open.end());
  for (const TaskId id : open)
    settle(id, flights_.at(id).revoked ? Outcome::revoked : Outcome::unfinished);
  return summarise();
}

asio::awaitable<void> Session::body(const Protocol& protocol) {
  // Timers are set here and not earlier: the fleet's clock starts with run().
  if (round_ >= options_.max_rounds) stop(StopReason::max_rounds);
  if (options_.time_limit != kForever)
    fleet_.wake_at(options_.time_limit, [this] { stop(StopReason::time_limit); });
  fleet_.when_ended([this](StopReason reason, std::string why) { stop(reason, std::move(why)); });
  fleet_.when_noticed([this](const std::string& line) { observer_.on_notice(line); });
  fleet_.when_sent([this](std::int64_t bytes) {
    bytes_down_ += bytes;
    row_.bytes_down += bytes;
  });
  if (fleet_.real_time()) watch_interrupts();
  co_await protocol.run(*this);
}

void Session::submit(const Task& task) {
  ++in_flight_;
  fleet_.submit(task, [this](Report report) { deliver(std::move(report)); });
}

void Session::forget(const Flight& flight) {
  --worker_tasks_[static_cast<std::size_t>(flight.task.worker)];
  std::erase(shard_tasks_[static_cast<std::size_t>(flight.task.shard)], flight.task.id);
}

void Session::deliver(Report report) {
  const auto found = flights_.find(report.id);
  LAGGARD_ASSERT(found != flights_.end() && !found->second.arrived,
                 fmt::format("the fleet delivers task {}, which is not in flight", report.id));
  Flight& flight = found->second;
  schedule_digest_.add(report.id);
  schedule_digest_.add(report.worker);
  schedule_digest_.add(report.shard);
  schedule_digest_.add(now().count());
  record(flight, report);
  if (flight.revoked) return settle(report.id, Outcome::revoked);
  --in_flight_;
  if (report.not_finite) {
    stop(StopReason::not_finite,
         fmt::format("the report of shard {} after round {}", report.shard, round_));
    return settle(report.id, Outcome::failed);
  }
  if (!report.failure.empty()) return fail(flight, report);
  flight.arrived = true;
  if (report.contribution.capped) ++capped_;
  inbox_.push(std::move(report));
}

void Session::record(Flight& flight, const Report& report) {
  if (report.contribution.x.size() > 0) {
    const std::int64_t bytes = message_bytes(flight.task.numbers_up, flight.task.floats);
    bytes_up_ += bytes;
    row_.bytes_up += bytes;
  }
  TaskRow& row = flight.row;
  row.started = report.started;
  row.finished = report.finished;
  row.arrived = report.arrived;
  row.passes = report.contribution.passes;
  if (report.started == kForever || report.finished == kForever) return;
  Time& last_finished = last_finished_[static_cast<std::size_t>(report.worker)];
  if (last_finished != kForever) row.idle = report.started - last_finished;
  if (report.idle != kForever) row.idle = report.idle;
  last_finished = report.finished;
  compute_seconds_ += to_seconds(report.finished - report.started);
}

void Session::fail(Flight& flight, const Report& report) {
  if (renew_lost_ && report.lost && flight.z_round < round_) {
    const ShardId shard = flight.task.shard;
    const WorkerId worker = flight.task.worker;
    std::vector<Part> parts = std::move(flight.task.parts);
    settle(report.id, Outcome::failed);
    if (parts.empty())
      dispatch(shard, worker);
    else
      dispatch_coded(worker, std::move(parts));
    return;
  }
  if (++flight.failures < (report.lost ? kMostLosses : kMostFailures)) {
    // The attempt is a row of its own; the next one is another task for the books.
    tell(flight, Outcome::failed);
    flight.row = {};
    flight.dispatched = now();
    ++tasks_;
    return submit(flight.task);
  }
  stop(StopReason::fleet_failed,
       fmt::format("worker {} failed {} times at shard {}: {}", report.worker, flight.failures,
                   report.shard, report.failure));
  settle(report.id, Outcome::failed);
}

void Session::stop(StopReason reason, std::string detail) {
  if (stop_) return;
  stop_ = reason;
  stop_detail_ = std::move(detail);
  stopped_at_ = now();
  stopped_wall_ = wall_seconds();
  inbox_.wake();
}

void Session::check_stop() {
  if (interrupted_.load(std::memory_order_relaxed)) stop(StopReason::interrupted);
  if (stop_) throw Stop{};
}

void Session::watch_interrupts() {
  fleet_.wake_at(now() + kInterruptPoll, [this] {
    if (interrupted_.load(std::memory_order_relaxed)) stop(StopReason::interrupted);
    if (!stop_) watch_interrupts();
  });
}

void Session::settle(TaskId id, Outcome outcome) {
  const auto found = flights_.find(id);
  Flight& flight = found->second;
  if (outcome == Outcome::accepted) {
    flight.row.staleness = staleness(id);
    row_.staleness_max = std::max(row_.staleness_max, flight.row.staleness);
    ++row_.accepted;
    ++tasks_accepted_;
  }
  if (!flight.revoked) forget(flight);
  tell(flight, outcome);
  flights_.erase(found);
}

void Session::tell(Flight& flight, Outcome outcome) {
  TaskRow& row = flight.row;
  row.round = round_ + 1;
  row.worker = flight.task.worker;
  row.shard = flight.task.shard;
  row.dispatched = flight.dispatched;
  row.outcome = outcome;
  statistics_.add(row);
  observer_.on_task(row);
}

void Session::on_evaluated(Iterate iterate) {
  if (verdict_) return;
  RoundRow& row = iterate.row;
  if (options_.reference) row.gap = relative_gap(row.objective, *options_.reference);
  last_row_ = row;
  observer_.on_round(row);
  judge_objective(iterate);
}

// Where phi is evaluated beside the run, its verdict comes some updates late, even after a limit
// has ended the run. The run counts as ended by the update in question, as it does where phi is
// evaluated on the spot: what it comes to does not depend on how fast that was.
void Session::judge_objective(const Iterate& iterate) {
  const RoundRow& row = iterate.row;
  const auto end = [&](StopReason reason, std::string detail) {
    if (stop_ == StopReason::max_rounds || stop_ == StopReason::time_limit) stop_.reset();
    if (stop_) return;
    stop(reason, std::move(detail));
    verdict_ = iterate;
  };
  if (row.gap <= options_.target_gap.value_or(-kInfinity)) end(StopReason::target_gap, "");
  if (!std::isfinite(row.objective) && !std::isnan(row.objective))
    end(StopReason::not_finite, fmt::format("phi(z) at round {}", row.round));
  if (row.objective > kDivergence * std::max(1.0, std::abs(initial_objective_)))
    end(StopReason::diverged, fmt::format("phi(z) = {} at round {}", row.objective, row.round));
}

void Session::judge(const Residuals& residuals) {
  if (!method_.z()->allFinite() || !std::isfinite(residuals.primal + residuals.dual))
    stop(StopReason::not_finite, fmt::format("z or its residuals at round {}", round_));
  if (satisfied(options_.stopping, residuals, method_.features())) stop(StopReason::converged);
  if (round_ >= options_.max_rounds) stop(StopReason::max_rounds);
  if (now() >= options_.time_limit) stop(StopReason::time_limit);
  if (interrupted_.load(std::memory_order_relaxed)) stop(StopReason::interrupted);
}

Summary Session::summarise() {
  Summary out;
  out.stop = *stop_;
  out.detail = stop_detail_;
  const std::string missing = missing_shards();
  if (!missing.empty()) out.detail += (out.detail.empty() ? "" : "; ") + missing;
  out.rounds = verdict_ ? verdict_->row.round : round_;
  out.last = last_row_;
  out.z = verdict_ ? *verdict_->z : *method_.z();
  out.kkt = kkt_residual(problem_, view(out.z), options_.threads);
  out.nonzeros = (out.z.array() != 0).count();
  out.fleet_seconds = to_seconds(verdict_ ? verdict_->row.at : stopped_at_);
  out.wall_seconds = verdict_ ? verdict_->row.wall_seconds : stopped_wall_;
  out.compute_seconds = compute_seconds_;
  out.bytes_up = bytes_up_;
  out.bytes_down = bytes_down_;
  out.tasks = tasks_;
  out.tasks_wasted = tasks_ - tasks_accepted_;
  out.tasks_capped = capped_;
  out.decode_error = decode_error_;
  out.condition_number = condition_;
  out.lives = fleet_.lives();
  out.workers = statistics_.rows(out.lives);
  out.refused = fleet_.refused();
  if (const auto cost = fleet_.cost()) out.cost = cost_of(*cost, out.lives, stopped_at_);
  out.schedule_digest = schedule_digest_.value();
  out.iterate_digest = verdict_ ? verdict_->digest : iterate_digest_.value();
  return out;
}

// A shard that never contributed keeps a run from converging, so a run that ended otherwise names
// it.
std::string Session::missing_shards() const {
  std::vector<ShardId> missing;
  for (ShardId p = 0; p < shards(); ++p)
    if (last_accept_[static_cast<std::size_t>(p)] == 0) missing.push_back(p);
  if (missing.empty() || round_ == 0) return {};
  constexpr std::size_t kMost = 8;
  const std::size_t count = missing.size();
  if (count > kMost) missing.resize(kMost);
  return fmt::format("no report of {} of {} shards was ever accepted: {}{}", count, shards(),
                     fmt::join(missing, ", "), count > kMost ? ", ..." : "");
}

double Session::wall_seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_start_).count();
}

}  // namespace laggard
