#include "runners/live/live_run.hpp"

#include "core/results/cost.hpp"
#include "core/results/trace_lane.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace laggard::live {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostPoints = 400;  // of a curve
constexpr std::size_t kMostTasks = 1500;
constexpr int kRounds = 12;  // of the timeline
constexpr std::size_t kMostNotices = 5;
constexpr auto kBetweenLooks = std::chrono::milliseconds(400);
constexpr int kShareOfLooks = 200;  // a look takes one part in so many, at most

json::value number(double value) {
  if (!std::isfinite(value)) return nullptr;
  return value;
}

json::value seconds(Time time) {
  if (time == kForever) return nullptr;
  return to_seconds(time);
}

json::value microseconds(Time time) {
  if (time == kForever) return nullptr;
  return to_microseconds(time);
}

// s: starting, l: loading its shards, r: ready, x: it ended and nobody has taken its place.
char state_of(const LifeRow& life) {
  if (life.ended != kForever) return 'x';
  if (life.ready != kForever) return 'r';
  return life.connected != kForever ? 'l' : 's';
}

}  // namespace

LiveRun::LiveRun() : began_(Clock::now()) {}

void LiveRun::on_phase(std::string_view what) {
  const std::lock_guard lock(mutex_);
  picture_.phase = what;
}

void LiveRun::on_start(Heading heading) {
  const std::lock_guard lock(mutex_);
  picture_.phase.clear();
  picture_.open.resize(static_cast<std::size_t>(heading.workers));
  picture_.since.resize(picture_.open.size(), kForever);
  picture_.heading = std::move(heading);
}

void LiveRun::watch(const Fleet& fleet, std::function<bool()> watched) {
  fleet_ = &fleet;
  watched_ = std::move(watched);
}

void LiveRun::on_submit(WorkerId worker, Time at) {
  const std::lock_guard lock(mutex_);
  const auto w = static_cast<std::size_t>(worker);
  ++picture_.tasks;
  if (picture_.open[w]++ == 0) picture_.since[w] = at;
  picture_.now = at;
}

void LiveRun::on_answer(WorkerId worker, Time at) {
  {
    const std::lock_guard lock(mutex_);
    --picture_.open[static_cast<std::size_t>(worker)];
    picture_.now = at;
  }
  look();
}

void LiveRun::on_moment(Time now) {
  {
    const std::lock_guard lock(mutex_);
    picture_.now = now;
  }
  look();
}

void LiveRun::on_task(const TaskRow& row) {
  const std::lock_guard lock(mutex_);
  picture_.accepted += row.outcome == Outcome::accepted;
  auto& recent = picture_.recent;
  recent.push_back(row);
  while (recent.size() > kMostTasks || recent.front().round + kRounds <= row.round)
    recent.pop_front();
}

void LiveRun::on_round(const RoundRow& row) {
  const std::lock_guard lock(mutex_);
  Picture& p = picture_;
  p.bytes_up += row.bytes_up;
  p.bytes_down += row.bytes_down;
  p.updates.push_back(row.at);
  if (p.updates.size() > kRounds) p.updates.pop_front();
  p.newest = {row.round, row.at, row.wall_seconds, row.objective, row.gap, row.primal, row.dual};
  if (!p.curve.empty() && row.round < p.curve.back().round + p.rounds_a_point) return;
  p.curve.push_back(*p.newest);
  if (p.curve.size() < kMostPoints) return;
  p.rounds_a_point *= 2;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < p.curve.size(); i += 2) p.curve[kept++] = p.curve[i];
  p.curve.resize(kept);
}

void LiveRun::on_startup(Time at) {
  const std::lock_guard lock(mutex_);
  picture_.startup = at;
}

void LiveRun::on_notice(const std::string& line) {
  const std::lock_guard lock(mutex_);
  picture_.notices.push_back(line);
  if (picture_.notices.size() > kMostNotices) picture_.notices.pop_front();
}

void LiveRun::on_end(std::string how, const Summary* summary) {
  fleet_ = nullptr;
  if (summary) take(summary->lives, summary->cost);
  const std::lock_guard lock(mutex_);
  if (summary) picture_.startup = from_seconds(summary->startup_seconds);
  picture_.ended = std::move(how);
}

// The lives of many incarnations take long to copy: the more, the rarer it is done.
void LiveRun::look() {
  const auto begin = Clock::now();
  if (!fleet_ || begin < look_again_ || !watched_()) return;
  const std::vector<LifeRow> lives = fleet_->lives();
  const std::optional<FleetCost> cost = fleet_->cost();
  take(lives, cost ? std::optional(cost_of(*cost, lives, fleet_->now())) : std::nullopt);
  const auto now = Clock::now();
  look_again_ = now + std::max<Clock::duration>(kBetweenLooks, (now - begin) * kShareOfLooks);
}

void LiveRun::take(const std::vector<LifeRow>& lives, const std::optional<Cost>& cost) {
  const std::lock_guard lock(mutex_);
  Picture& p = picture_;
  p.states.assign(lives.empty() ? 0 : p.open.size(), '-');
  p.losses = 0;
  for (const LifeRow& life : lives) {
    char& state = p.states[static_cast<std::size_t>(life.key.worker)];
    p.losses += life.ended != kForever && life.end != "handed over" && life.end != "goodbye";
    // A successor that starts takes nothing from who is at work.
    if (state != 'r' || life.ready != kForever) state = state_of(life);
  }
  p.starts = static_cast<std::int64_t>(lives.size());
  p.cost = cost;
}

// As the page shows them: s, l and x, - for one that was not started, and w(orking) or i(dle).
std::string LiveRun::states_of(const Picture& picture) {
  std::string states = picture.states;
  if (states.empty()) states.assign(picture.open.size(), 'r');
  for (std::size_t w = 0; w < states.size(); ++w)
    if (states[w] == 'r') states[w] = picture.open[w] > 0 ? 'w' : 'i';
  return states;
}

json::object LiveRun::curve_json(const Picture& picture) {
  json::array round, at, wall, objective, gap, primal, dual;
  const auto add = [&](const Point& point) {
    round.emplace_back(point.round);
    at.push_back(seconds(point.at));
    wall.push_back(number(point.wall));
    objective.push_back(number(point.objective));
    gap.push_back(number(point.gap));
    primal.push_back(number(point.primal));
    dual.push_back(number(point.dual));
  };
  for (const Point& point : picture.curve) add(point);
  if (picture.newest && picture.newest->round != picture.curve.back().round) add(*picture.newest);
  return {{"round", std::move(round)}, {"fleet_s", std::move(at)},
          {"wall_s", std::move(wall)}, {"objective", std::move(objective)},
          {"gap", std::move(gap)},     {"primal", std::move(primal)},
          {"dual", std::move(dual)}};
}

json::object LiveRun::tasks_json(const Picture& picture) {
  json::array worker, round, dispatched, started, finished, arrived, outcome;
  for (const TaskRow& row : picture.recent) {
    worker.emplace_back(row.worker);
    round.emplace_back(row.round);
    dispatched.push_back(microseconds(row.dispatched));
    started.push_back(microseconds(row.started));
    finished.push_back(microseconds(row.finished));
    arrived.push_back(microseconds(row.arrived));
    outcome.emplace_back(static_cast<int>(row.outcome));
  }
  return {{"worker", std::move(worker)},
          {"round", std::move(round)},
          {"dispatched_us", std::move(dispatched)},
          {"started_us", std::move(started)},
          {"finished_us", std::move(finished)},
          {"arrived_us", std::move(arrived)},
          {"outcome", std::move(outcome)}};
}

std::string LiveRun::document() const {
  Picture p;
  {
    const std::lock_guard lock(mutex_);
    p = picture_;
  }
  p.wall = std::chrono::duration<double>(Clock::now() - began_).count();
  json::array since, updates;
  for (std::size_t w = 0; w < p.open.size(); ++w)
    since.push_back(p.open[w] > 0 ? microseconds(p.since[w]) : json::value());
  for (const Time at : p.updates) updates.push_back(microseconds(at));
  json::value cost;
  if (p.cost) {
    const double gb_seconds = p.cost->billed_gb_seconds
                                  ? *p.cost->billed_gb_seconds + p.cost->unbilled_gb_seconds
                                  : p.cost->estimated_gb_seconds;
    cost = {
        {"dollars", p.cost->dollars}, {"gb_seconds", gb_seconds}, {"requests", p.cost->requests}};
  }
  const json::object document = {
      {"kind", "run"},
      {"phase", p.phase},
      {"ended", p.ended},
      {"title", p.heading.title},
      {"heading", json::array(p.heading.lines.begin(), p.heading.lines.end())},
      {"virtual", p.heading.is_virtual},
      {"fleet_s", seconds(p.now)},
      {"startup_s", seconds(p.startup)},
      {"wall_s", p.ended.empty() ? json::value(std::round(p.wall)) : json::value(p.wall)},
      {"tasks", p.tasks},
      {"accepted", p.accepted},
      {"bytes_up", p.bytes_up},
      {"bytes_down", p.bytes_down},
      {"starts", p.starts},
      {"losses", p.losses},
      {"cost", cost},
      {"states", states_of(p)},
      {"busy_since_us", std::move(since)},
      {"updates_us", std::move(updates)},
      {"curve", curve_json(p)},
      {"timeline", tasks_json(p)},
      {"notices", json::array(p.notices.begin(), p.notices.end())}};
  return json::serialize(document);
}

}  // namespace laggard::live
