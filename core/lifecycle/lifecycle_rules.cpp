// What follows from the events.
#include "core/io/error.hpp"
#include "core/lifecycle/worker_life.hpp"
#include "core/task/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace laggard {
namespace {

// A worker that is throttled is tried for so many start timeouts before the fleet gives up.
constexpr int kThrottlePatience = 5;

// The share of a lifetime over which the hand-overs of a fleet are spread. Multiples of the golden
// ratio spread any number of workers evenly.
constexpr double kStagger = 0.2;
double stagger(WorkerId worker) {
  const double turns = worker * 0.61803398874989485;
  return kStagger * (turns - std::floor(turns));
}

Time scaled(Time time, double factor) {
  return Time(static_cast<std::int64_t>(static_cast<double>(time.count()) * factor));
}

}  // namespace

Lifecycle::Worker& Lifecycle::worker(WorkerId id) {
  LAGGARD_ASSERT(id >= 0 && id < options_.workers, fmt::format("worker {}", id));
  return workers_[static_cast<std::size_t>(id)];
}
const Lifecycle::Worker& Lifecycle::worker(WorkerId id) const {
  LAGGARD_ASSERT(id >= 0 && id < options_.workers, fmt::format("worker {}", id));
  return workers_[static_cast<std::size_t>(id)];
}

Lifecycle::Life* Lifecycle::find(WorkerKey key) {
  if (key.worker < 0 || key.worker >= options_.workers) return nullptr;
  Worker& w = worker(key.worker);
  if (w.current && w.current->key == key) return &*w.current;
  if (w.successor && w.successor->key == key) return &*w.successor;
  return nullptr;
}

void Lifecycle::see(Time now) {
  LAGGARD_ASSERT(now >= now_,
                 fmt::format("time goes back from {} to {} ns", now_.count(), now.count()));
  now_ = now;
}

void Lifecycle::act(Action::Kind kind, WorkerKey key, TaskId task, std::string why) {
  actions_.push_back({kind, key, task, std::move(why)});
}

void Lifecycle::fail(std::string why) {
  if (over_) return;
  over_ = true;
  agenda_.clear();
  act(Action::Kind::fail, {}, -1, std::move(why));
}

void Lifecycle::invoke(Worker& w) {
  LAGGARD_ASSERT(!w.successor, fmt::format("worker {} has a successor already", w.id));
  Life life;
  life.key = {w.id, ++w.last};
  life.row = rows_.size();
  life.invoked = now_;
  life.give_up = later(now_, options_.start_timeout);
  life.deadline = later(now_, options_.timeout);
  shortest_life_ = std::min(shortest_life_, options_.timeout);
  LifeRow row;
  row.key = life.key;
  row.invoked = now_;
  rows_.push_back(std::move(row));
  w.next_start = kForever;
  w.has_turn = false;
  act(Action::Kind::invoke, life.key);
  (w.current ? w.successor : w.current) = std::move(life);
}

// True: it has to wait, now until a turn of its own.
bool Lifecycle::awaits_turn(Worker& w) {
  if (w.has_turn) return false;
  const Time turn = std::max(now_, next_turn_);
  next_turn_ = later(turn, from_seconds(1 / options_.invoke_rate));
  if (turn == now_) return false;
  w.next_start = turn;
  w.has_turn = true;
  return true;
}

// At a task boundary a ready successor takes over; where there is no current one, any does.
void Lifecycle::switch_over(Worker& w) {
  if (!w.successor || (w.current && !(w.successor->ready() && w.open.empty()))) return;
  if (w.current) {
    const bool connected = w.current->state != Life::State::starting;
    act(connected ? Action::Kind::goodbye : Action::Kind::close, w.current->key);
    end_row(*w.current, "handed over");
    ++w.hand_overs;
  }
  w.current = std::exchange(w.successor, std::nullopt);
}

void Lifecycle::serve(Worker& w) {
  if (over_ || !w.ready() || w.draining() || now_ >= w.current->deadline) return;
  // With a successor on its way no task is begun that the end might cut off.
  if (w.successor && later(now_, longest_task_) > w.current->deadline) return;
  for (const TaskId task : w.queue) {
    w.open.push_back({task, now_, false});
    act(Action::Kind::send, w.current->key, task);
  }
  w.queue.clear();
}

void Lifecycle::end_row(const Life& life, std::string why) {
  rows_[life.row].ended = now_;
  rows_[life.row].end = std::move(why);
}

void Lifecycle::lose_tasks(Worker& w, const std::string& why) {
  for (const Worker::Sent& sent : std::exchange(w.open, {})) {
    place_.erase(sent.task);
    act(Action::Kind::lost, w.current->key, sent.task, why);
  }
}

// An incarnation ended that was not to end.
void Lifecycle::end_life(Worker& w, const Life& given, const InvocationEnd& end) {
  const Life life = given;
  end_row(life, end.why);
  w.lost = life.key;
  w.lost_row = life.row;
  if (w.current && w.current->key == life.key) {
    if (life.ready()) ++w.losses;
    lose_tasks(w, end.why);
    w.current.reset();
  } else {
    w.successor.reset();
  }
  plan_start(w, life, end);
  advance(w);
}

// Who replaces an incarnation that ended, and when.
void Lifecycle::plan_start(Worker& w, const Life& life, const InvocationEnd& end) {
  if (over_) return;
  if (end.hopeless) return fail(fmt::format("worker {}: {}", w.id, end.why));
  Time delay{};
  if (end.throttled && !life.ready()) {
    if (w.throttles++ == 0) w.throttled_since = now_;
    const Time patience =
        kThrottlePatience * std::min(options_.start_timeout, kForever / kThrottlePatience);
    if (!w.ready() && now_ - w.throttled_since >= patience)
      return fail(fmt::format("worker {} was throttled for {} s without a start: {}", w.id,
                              to_seconds(now_ - w.throttled_since), end.why));
    delay = backoff(w, w.throttles);
  } else if (!life.reported) {
    w.throttles = 0;
    if (++w.setbacks == 1) w.reason.clear();
    if (!life.ready() && !w.ready() && w.setbacks >= options_.most_failed_starts)
      return fail(fmt::format("worker {} failed to start {} times in a row: {}", w.id, w.setbacks,
                              w.reason.empty() ? end.why : w.reason));
    delay = backoff(w, w.setbacks);
  }
  if (!w.successor && w.next_start == kForever)
    w.next_start = later(now_, std::max(delay, end.retry_after));
}

// Full jitter: anything up to a bound that doubles with each attempt.
Time Lifecycle::backoff(const Worker& w, int attempt) const {
  const double bound =
      std::min(std::ldexp(static_cast<double>(options_.backoff.count()), std::min(attempt - 1, 62)),
               static_cast<double>(options_.backoff_most.count()));
  const double u = uniform(options_.seed, Stream::start_backoff, static_cast<std::uint64_t>(w.id),
                           static_cast<std::uint32_t>(w.last));
  return Time(static_cast<std::int64_t>(bound * u));
}

void Lifecycle::advance(Worker& w) {
  Time when = kForever;
  while (!over_) {
    switch_over(w);
    serve(w);
    when = due(w);
    if (when > now_) break;
    on_due(w);
  }
  schedule(w, over_ ? kForever : when);
}

void Lifecycle::schedule(Worker& w, Time when) {
  if (when == w.due) return;
  if (w.due != kForever) agenda_.erase({w.due, w.id});
  if (when != kForever) agenda_.emplace(when, w.id);
  w.due = when;
}

Time Lifecycle::due(const Worker& w) const {
  Time when = std::min(w.next_start, hand_over_at(w));
  for (const std::optional<Life>* life : {&w.current, &w.successor})
    if (*life && !(*life)->ready()) when = std::min(when, (*life)->give_up);
  return when;
}

void Lifecycle::on_due(Worker& w) {
  if (std::min(w.next_start, hand_over_at(w)) <= now_) {
    if (!awaits_turn(w)) invoke(w);
    return;
  }
  for (std::optional<Life>* life : {&w.current, &w.successor}) {
    if (!*life || (*life)->ready() || (*life)->give_up > now_) continue;
    const bool connected = (*life)->state != Life::State::starting;
    act(Action::Kind::close, (*life)->key);
    InvocationEnd end;
    end.failed = true;
    end.why = fmt::format("{} within {} s",
                          connected ? "its shards were not loaded" : "it did not connect",
                          to_seconds(options_.start_timeout));
    return end_life(w, **life, end);
  }
}

// kForever: it is under way, or there is nobody to relieve.
Time Lifecycle::hand_over_at(const Worker& w) const {
  if (!w.current || w.successor || w.next_start != kForever) return kForever;
  if (w.current->leaving) return Time{};
  if (w.current->deadline == kForever) return kForever;
  const Time lifetime = w.current->deadline - w.current->invoked;
  return w.current->deadline - margin(lifetime) - scaled(lifetime, stagger(w.id));
}

Time Lifecycle::margin(Time lifetime) const {
  return std::min(lifetime / 2, std::max(lifetime / 10, 2 * longest_task_ + longest_start_));
}

Time Lifecycle::hand_over_margin() const { return margin(options_.timeout); }

// A new longest task or start may bring all hand-overs forward.
void Lifecycle::note_slow(Time& longest, Time measured) {
  if (measured <= longest) return;
  longest = measured;
  if (shortest_life_ != kForever && margin(shortest_life_) > shortest_life_ / 10)
    for (Worker& w : workers_) schedule(w, over_ ? kForever : due(w));
}

}  // namespace laggard
