#include "core/schedule/run.hpp"

#include "core/io/error.hpp"
#include "core/problem/vector_ops.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace laggard {
namespace {

constexpr int kMostFailures = 3;  // of one task, before the run gives up
constexpr int kMostLosses = 20;   // of workers with one and the same task
constexpr double kWidth = 0.25;   // of the bracket of phi*, in units of --eps-gap
constexpr double kTold = 1e-6;    // the same where a gap is only told
constexpr Time kInterruptPoll = std::chrono::milliseconds(50);

// Data without any weigh alike.
std::vector<std::int64_t> nonzeros_by_shard(const Problem& problem) {
  std::vector<std::int64_t> nonzeros;
  const bool none = problem.data->a.nonzeros() == 0;
  for (ShardId p = 0; p < problem.shards; ++p)
    nonzeros.push_back(none ? 1 : problem.shard(p).nonzeros());
  return nonzeros;
}

// The passes over the data that certificates may take in all: one a round, as phi does too, beside
// what is little work.
std::int64_t passes_to_certify(const Problem& problem, int rounds) {
  constexpr std::int64_t kPasses = 100, kNonzeros = 100'000'000;
  return rounds +
         std::max(kPasses, kNonzeros / std::max<std::int64_t>(1, problem.data->a.nonzeros()));
}

}  // namespace

Run::Run(Fleet& fleet, const Problem& problem, CoordinatorHalf& method,
         const SessionOptions& options, Observer& observer, const std::atomic<bool>& interrupted)
    : fleet_(fleet),
      options_(options),
      interrupted_(interrupted),
      observer_(observer),
      monitor_threads_(fleet.real_time() ? 1 : options.threads),
      inbox_(fleet),
      flights_(method.shards(), fleet.size()),
      ages_(method.shards()),
      ledger_(observer, fleet.size(), nonzeros_by_shard(problem)),
      verdict_(options_, fleet, interrupted, [this] { inbox_.wake(); }) {
  LAGGARD_ASSERT(!method.objective() || options.stopping.rule == StopRule::none,
                 "a rule that asks for phi, of a method that minimises something else");
  join(method, problem, options.reference);
  const auto look = [this](Iterate& iterate) { evaluate(iterate); };
  const auto deliver = [this](Iterate iterate) { on_evaluated(std::move(iterate)); };
  if (fleet.real_time())
    monitor_ = std::make_unique<BackgroundMonitor>(look, fleet, deliver);
  else
    monitor_ = std::make_unique<InlineMonitor>(look, deliver);
}

void Run::add_model(CoordinatorHalf& model) {
  add_model(model, *models_.front().problem, models_.front().reference);
}

void Run::add_model(CoordinatorHalf& model, const Problem& problem,
                    std::optional<double> reference) {
  LAGGARD_ASSERT(round_ == 0 && flights_.next_id() == 0, "a model joins a run that has begun");
  join(model, problem, reference);
  verdict_.add_turn(reference);
}

void Run::join(CoordinatorHalf& model, const Problem& problem, std::optional<double> reference) {
  Model& joined = models_.emplace_back(Model{&model, &problem, reference});
  if (options_.stopping.rule == StopRule::none) return;
  for (const Model& each : models_)
    if (each.problem == &problem && each.bracket) joined.bracket = each.bracket;
  // Looks are rare, and decide whether the fleet is still needed: they get all cores.
  if (!joined.bracket)
    joined.bracket = std::make_shared<reference::Bracket>(
        problem, options_.threads, [&asked = interrupted_] { return asked.load(); });
}

Summary Run::run(const Protocol& protocol) {
  const Vector zero = Vector::Zero(model().features());
  const Model& last = of_round(round_);
  const double at_zero = objective_at(last, zero, options_.threads);
  const Vector& newest = *last.half->z();
  RoundRow& row = verdict_.last_row();
  row.objective = newest == zero ? at_zero : objective_at(last, newest, options_.threads);
  row.round = round_;
  row.rho = last.half->rho();
  if (last.reference) row.gap = relative_gap(row.objective, *last.reference);
  verdict_.start(at_zero);
  try {
    const Stopwatch watch(loop_time_);
    fleet_.run(main(protocol));
  } catch (const Stop&) {
    // The run ended while the protocol waited; the verdict says why.
  }
  LAGGARD_ASSERT(verdict_.ends(),
                 "protocol " + protocol.name + " returned although no stop rule holds");
  monitor_->finish();
  for (const TaskId id : flights_.all())
    decide(*flights_.find(id), flights_.at(id).revoked ? Outcome::revoked : Outcome::unfinished);
  return summarise();
}

asio::awaitable<void> Run::main(const Protocol& protocol) {
  verdict_.judge_limits(done());
  set_up_timers();
  Session session(*this);
  co_await protocol.run(session);
}

// Here and not earlier: the fleet's clock starts with run().
void Run::set_up_timers() {
  if (options_.time_limit != kForever)
    fleet_.wake_at(options_.time_limit, [this] { verdict_.end(StopReason::time_limit); });
  fleet_.when_ended(
      [this](StopReason reason, std::string why) { verdict_.end(reason, std::move(why)); });
  fleet_.when_noticed([this](const std::string& line) { observer_.on_notice(line); });
  fleet_.when_sent([this](std::int64_t bytes) { ledger_.on_sent(bytes); });
  if (fleet_.real_time()) watch_interrupts();
}

void Run::watch_interrupts() {
  fleet_.wake_at(fleet_.now() + kInterruptPoll, [this] {
    observer_.on_moment(fleet_.now());
    verdict_.look_for_interrupt();
    if (!verdict_.ends()) watch_interrupts();
  });
}

void Run::check_stop() {
  verdict_.look_for_interrupt();
  if (verdict_.ends()) throw Stop{};
}

TaskId Run::dispatch(WorkerId worker, ShardId shard, std::vector<Part> parts, const Point* point,
                     std::vector<PeerMessage> messages) {
  LAGGARD_ASSERT(worker >= 0 && worker < fleet_.size(),
                 fmt::format("worker {} of {}", worker, fleet_.size()));
  Flight& flight = flights_.open(worker, shard, std::move(parts), fleet_.now());
  flight.chosen = point != nullptr;
  flight.model = point ? point->model : static_cast<int>(turn());
  const Model& model = models_[static_cast<std::size_t>(flight.model)];
  flight.z_round = point ? point->made : updates_of(flight.model);
  flight.z_at = point ? point->at : model.z_at;
  flight.task.messages = std::move(messages);
  model.half->form(flight.task);
  if (point) flight.task.z = point->z;
  LAGGARD_ASSERT(flight.task.operands.size() <= kMostOperands,
                 fmt::format("a task of {} operands", flight.task.operands.size()));
  ledger_.on_dispatch();
  submit(flight.task);
  return flight.task.id;
}

void Run::submit(const Task& task) {
  observer_.on_submit(task.worker, fleet_.now());
  fleet_.submit(task, [this](Report&& report) { on_report(std::move(report)); });
}

void Run::on_report(Report&& report) {
  Flight* flight = flights_.find(report.id);
  LAGGARD_ASSERT(flight && !flight->arrived,
                 fmt::format("the fleet delivers task {}, which is not in flight", report.id));
  observer_.on_answer(report.worker, fleet_.now());
  ledger_.on_report(*flight, report, fleet_.now(), !fleet_.direct_links());
  if (flight->revoked) return decide(*flight, Outcome::revoked);
  flights_.land(*flight);
  if (report.not_finite) {
    verdict_.end(StopReason::not_finite,
                 fmt::format("the report of shard {} after round {}", report.shard, round_));
    return decide(*flight, Outcome::failed);
  }
  if (!report.failure.empty()) return on_failure(*flight, report);
  flight->arrived = true;
  if (report.contribution.capped) ledger_.on_capped();
  inbox_.push(std::move(report));
}

void Run::on_failure(Flight& flight, const Report& report) {
  if (renew_lost_ && !flight.chosen && report.lost && flight.z_round < updates_of(flight.model)) {
    std::vector<Part> parts = flight.task.parts;
    decide(flight, Outcome::failed);
    dispatch(report.worker, report.shard, std::move(parts), nullptr);
    return;
  }
  if (++flight.failures < (report.lost ? kMostLosses : kMostFailures)) {
    // The attempt is a row of its own; the next one is another task for the books.
    ledger_.on_fate(flight, Outcome::failed, round_, staleness(flight));
    flights_.reopen(flight, fleet_.now());
    ledger_.on_dispatch();
    return submit(flight.task);
  }
  verdict_.end(StopReason::fleet_failed,
               fmt::format("worker {} failed {} times at shard {}: {}", report.worker,
                           flight.failures, report.shard, report.failure));
  decide(flight, Outcome::failed);
}

// The next report whose task was not revoked after it had arrived.
std::optional<Report> Run::next_arrived() {
  std::optional<Report> report = inbox_.try_pop();
  while (report && !flights_.find(report->id)) report = inbox_.try_pop();
  return report;
}

void Run::decide(Flight& flight, Outcome outcome) {
  ledger_.on_fate(flight, outcome, round_, staleness(flight));
  flights_.close(flight);
}

const Run::Model& Run::of_round(int round) const {
  return models_[static_cast<std::size_t>(std::max(0, round - 1)) % models_.size()];
}

Point Run::newest_point(int model) const {
  const Model& of = models_[static_cast<std::size_t>(model)];
  Task task;
  of.half->form(task);
  return {model, task.z, updates_of(model), of.z_at};
}

// Of the updates so far.
int Run::updates_of(int model) const {
  const auto models = static_cast<int>(models_.size());
  return (round_ + models - 1 - model) / models;
}

void Run::check_turn(const Flight& flight) const {
  LAGGARD_ASSERT(flight.model == static_cast<int>(turn()),
                 fmt::format("a report of model {} is taken by model {}", flight.model, turn()));
}

void Run::update(Absent absent) {
  Model& turn_of = models_[turn()];
  CoordinatorHalf& method = *turn_of.half;
  RoundRow known;
  known.rho = method.rho();
  known.age_max = ages_.oldest(round_);
  LAGGARD_ASSERT(known.age_max <= ages_.bound,
                 fmt::format("round {}: a shard of age {}, beyond tau = {}", round_ + 1,
                             known.age_max, ages_.bound));
  LAGGARD_ASSERT(
      ages_.oldest_kept(fleet_.now()) <= ages_.kept_bound,
      fmt::format("round {}: a contribution of {} s, beyond tau = {} s, is kept", round_ + 1,
                  to_seconds(ages_.oldest_kept(fleet_.now())), to_seconds(ages_.kept_bound)));
  Residuals residuals;
  {
    const Stopwatch watch(method_time_);
    residuals = method.update(absent);
  }
  known.round = ++round_;
  known.at = turn_of.z_at = fleet_.now();
  known.wall_seconds = verdict_.wall_seconds();
  known.fresh = taken_ = ages_.take();
  const SharedVector z = method.z();
  RoundRow row = ledger_.close_round(std::move(known), residuals, *z);
  const bool proposed = verdict_.proposes(done(), residuals, method.features());
  monitor_->submit({std::move(row), z, ledger_.iterate_digest(), proposed});
  verdict_.judge_update(done(), residuals, *z);
  keep_checkpoint();
}

double Run::objective_at(const Model& model, const Vector& z, int threads) const {
  if (options_.timing_only) return kNaN;
  const Objective* own = model.half->objective();
  return own ? own->value(z, threads) : objective(*model.problem, view(z), threads);
}

// A bound that one iterate gave holds for all: later ones are compared with it for nothing. To look
// for one gives phi too, and kkt.
void Run::evaluate(Iterate& iterate) {
  const Stopwatch watch(objective_time_);
  const Model& of = of_round(iterate.row.round);
  const bool certified = options_.stopping.rule == StopRule::certified;
  reference::Seen seen;
  if (certified && iterate.proposed) {
    const double enough = options_.stopping.eps_gap;
    seen = of.bracket->tighten(*iterate.z, enough, kWidth * enough,
                               passes_to_certify(*of.problem, iterate.row.round));
  }
  if (std::isnan(seen.objective)) seen.objective = objective_at(of, *iterate.z, monitor_threads_);
  iterate.row.objective = seen.objective;
  iterate.kkt = seen.kkt;
  iterate.validation_loss = validation_loss(*of.problem, view(*iterate.z));
  if (!certified) return;
  iterate.certified_gap = of.bracket->gap(seen.objective);
  of.bracket->prepare();
}

void Run::on_evaluated(Iterate iterate) {
  if (verdict_.judge_objective(iterate)) observer_.on_round(iterate.row);
}

void Run::keep_checkpoint() {
  const bool due = verdict_.ends() || round_ % options_.checkpoint_every == 0;
  if (!options_.checkpoint || !due) return;
  StateArchive archive;
  persist(archive);
  options_.checkpoint(round_, archive.take());
}

void Run::resume(std::string_view state) {
  LAGGARD_ASSERT(round_ == 0 && flights_.next_id() == 0, "a run is resumed that has begun");
  StateArchive archive(state);
  persist(archive);
  archive.finish();
}

void Run::persist(StateArchive& archive) {
  archive.value(round_);
  archive.value(flights_.next_id());
  ages_.persist(archive);
  ledger_.persist(archive);
  for (const Model& model : models_) model.half->persist(archive);
}

Summary Run::summarise() {
  Summary out;
  out.lives = fleet_.lives();
  ledger_.summarise(out, out.lives);
  verdict_.summarise(out, round_, *last_model().z());
  const Model& last = of_round(out.rounds);
  const std::optional<Time> startup = ledger_.startup();
  out.startup_seconds = std::min(out.fleet_seconds, to_seconds(startup.value_or(kForever)));
  const std::string missing = missing_shards();
  const bool diverged = out.stop == StopReason::diverged || out.stop == StopReason::not_finite;
  const std::string advice = diverged ? last.half->advice_on_divergence() : std::string();
  if (!advice.empty()) out.detail += (out.detail.empty() ? "" : "; ") + advice;
  if (!missing.empty()) out.detail += (out.detail.empty() ? "" : "; ") + missing;
  out.validation_loss = validation_loss(*last.problem, view(out.z));
  out.spectral_gap = last.half->spectral_gap();
  if (std::isnan(out.kkt) && !last.half->objective() && !options_.timing_only)
    out.kkt = kkt_residual(*last.problem, view(out.z), options_.threads);
  if (last.bracket && out.stop != StopReason::converged) {
    last.bracket->tighten(out.z, 0, kTold, passes_to_certify(*last.problem, out.rounds));
    out.certified_gap = last.bracket->gap(out.last.objective);
  }
  out.writes_lost = last.half->writes_lost();
  out.nonzeros = (out.z.array() != 0).count();
  out.refused = fleet_.refused();
  out.machine = machine_time();
  if (const auto cost = fleet_.cost()) out.cost = cost_of(*cost, out.lives, verdict_.ended_at());
  return out;
}

MachineTime Run::machine_time() const {
  MachineTime out;
  const Time coordinator = method_time_ + accept_time_.sum();
  out.coordinator = to_seconds(coordinator);
  out.objective = to_seconds(objective_time_);
  if (const auto mathematics = fleet_.mathematics()) {
    out.tasks = to_seconds(mathematics->tasks);
    out.simulator = to_seconds(loop_time_ - mathematics->held_up - coordinator - objective_time_);
  }
  return out;
}

// A shard that never contributed keeps a run from converging, so a run that ended otherwise names
// it.
std::string Run::missing_shards() const {
  std::vector<ShardId> missing;
  for (ShardId p = 0; p < model().shards(); ++p)
    if (!ages_.ever(p)) missing.push_back(p);
  if (missing.empty() || round_ == 0) return {};
  constexpr std::size_t kMost = 8;
  const std::size_t count = missing.size();
  if (count > kMost) missing.resize(kMost);
  return fmt::format("no report of {} of {} shards was ever accepted: {}{}", count,
                     model().shards(), fmt::join(missing, ", "), count > kMost ? ", ..." : "");
}

}  // namespace laggard
