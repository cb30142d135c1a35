// The events.
#include "core/lifecycle/lifecycle.hpp"

#include "core/io/error.hpp"
#include "core/lifecycle/worker_life.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace laggard {
namespace {

// No protocol has more tasks open for one worker than it has shards.
constexpr std::size_t kMostQueued = std::size_t{1} << 24;

}  // namespace

Lifecycle::Lifecycle(const LifecycleOptions& options)
    : options_(options), workers_(static_cast<std::size_t>(std::max(options.workers, 0))) {
  LAGGARD_ASSERT(options.workers > 0, fmt::format("{} workers", options.workers));
  LAGGARD_ASSERT(options.timeout > Time{} && options.start_timeout > Time{} &&
                     options.invoke_rate > 0 && options.backoff >= Time{} &&
                     options.backoff_most >= options.backoff && options.most_failed_starts > 0,
                 "options of the life cycle");
  for (std::size_t w = 0; w < workers_.size(); ++w) workers_[w].id = static_cast<WorkerId>(w);
}

Lifecycle::~Lifecycle() = default;

void Lifecycle::start(Time now) {
  see(now);
  for (Worker& w : workers_) {
    LAGGARD_ASSERT(w.last == 0 && w.next_start == kForever,
                   fmt::format("worker {} started twice", w.id));
    w.next_start = later(now, from_seconds(w.id / options_.invoke_rate));
    w.has_turn = true;
  }
  next_turn_ = later(now, from_seconds(options_.workers / options_.invoke_rate));
  for (Worker& w : workers_) advance(w);
}

void Lifecycle::submit(Time now, WorkerId id, TaskId task) {
  see(now);
  Worker& w = worker(id);
  LAGGARD_ASSERT(!place_.find(task), fmt::format("task {} is submitted twice", task));
  place_.add(task) = id;
  LAGGARD_ASSERT(w.queue.size() < kMostQueued,
                 fmt::format("{} tasks wait for worker {}", w.queue.size(), id));
  w.queue.push_back(task);
  serve(w);
}

void Lifecycle::revoke(Time now, TaskId task) {
  see(now);
  const WorkerId* place = place_.find(task);
  if (!place) return;  // answered already
  Worker& w = worker(*place);
  if (std::erase(w.queue, task) > 0) {
    place_.erase(task);
    return act(Action::Kind::dropped, {w.id, 0}, task);
  }
  const auto sent =
      std::find_if(w.open.begin(), w.open.end(), [&](const auto& o) { return o.task == task; });
  LAGGARD_ASSERT(sent != w.open.end(), fmt::format("task {} is neither queued nor sent", task));
  if (!std::exchange(sent->revoked, true)) act(Action::Kind::revoke, w.current->key, task);
}

std::optional<std::string> Lifecycle::hello(Time now, WorkerKey key, Time remaining, bool cold) {
  see(now);
  if (key.worker < 0 || key.worker >= options_.workers)
    return fmt::format("worker {} is not of this fleet of {}", key.worker, options_.workers);
  if (key.incarnation < 1 || key.incarnation > worker(key.worker).last)
    return fmt::format("incarnation {} of worker {} was never started", key.incarnation,
                       key.worker);
  Life* life = find(key);
  if (!life) return fmt::format("incarnation {} of worker {} is over", key.incarnation, key.worker);
  if (life->state != Life::State::starting)
    return fmt::format("incarnation {} of worker {} is connected already", key.incarnation,
                       key.worker);
  life->state = Life::State::loading;
  life->deadline = std::min(life->deadline, later(now, std::max(remaining, Time{})));
  if (life->deadline != kForever)
    shortest_life_ = std::min(shortest_life_, life->deadline - life->invoked);
  rows_[life->row].connected = now;
  rows_[life->row].cold = cold;
  worker(key.worker).throttles = 0;
  advance(worker(key.worker));
  return std::nullopt;
}

void Lifecycle::ready(Time now, WorkerKey key) {
  see(now);
  Life* life = find(key);
  if (!life || life->state != Life::State::loading) return;
  life->state = Life::State::ready;
  rows_[life->row].ready = now;
  note_slow(longest_start_, now - life->invoked);
  advance(worker(key.worker));
}

bool Lifecycle::report(Time now, WorkerKey key, TaskId task) {
  see(now);
  if (!find(key)) return false;
  Worker& w = worker(key.worker);
  if (!w.current || w.current->key != key) return false;
  const auto sent =
      std::find_if(w.open.begin(), w.open.end(), [&](const auto& o) { return o.task == task; });
  if (sent == w.open.end()) return false;
  const Time taken = now - sent->at;
  w.open.erase(sent);
  place_.erase(task);
  w.current->reported = true;
  w.setbacks = 0;
  w.reason.clear();
  note_slow(longest_task_, taken);
  advance(w);
  return true;
}

void Lifecycle::leaving(Time now, WorkerKey key, Time remaining) {
  see(now);
  Life* life = find(key);
  if (!life) return;
  life->leaving = true;
  life->deadline = std::min(life->deadline, later(now, std::max(remaining, Time{})));
  advance(worker(key.worker));
}

void Lifecycle::closed(Time now, WorkerKey key, std::string why) {
  see(now);
  const Life* life = find(key);
  if (!life) return;
  InvocationEnd end;
  end.failed = true;
  end.why = std::move(why);
  end_life(worker(key.worker), *life, end);
}

void Lifecycle::invocation_ended(Time now, WorkerKey key, InvocationEnd end) {
  see(now);
  if (end.why.empty())
    end.why = "its invocation ended";  // by itself, before its connection was seen to
  if (end.not_begun) {
    const auto row = std::find_if(rows_.rbegin(), rows_.rend(),
                                  [key](const LifeRow& each) { return each.key == key; });
    if (row != rows_.rend()) row->begun = false;
  }
  if (const Life* life = find(key)) {
    if (life->state != Life::State::starting) act(Action::Kind::close, key);
    return end_life(worker(key.worker), *life, end);
  }
  if (key.worker < 0 || key.worker >= options_.workers || over_) return;
  // Its connection ended first, and here is the reason.
  Worker& w = worker(key.worker);
  if (w.lost != key || !end.failed) return;
  rows_[w.lost_row].end = w.reason = end.why;
  if (end.hopeless && !w.ready()) fail(fmt::format("worker {}: {}", w.id, end.why));
}

void Lifecycle::timer(Time now) {
  see(now);
  while (!agenda_.empty() && agenda_.begin()->first <= now)
    advance(worker(agenda_.begin()->second));
}

void Lifecycle::finish(Time now) {
  see(now);
  over_ = true;
  agenda_.clear();
  place_ = {};
  for (Worker& w : workers_) {
    for (std::optional<Life>* life : {&w.current, &w.successor}) {
      if (!*life) continue;
      const bool connected = (*life)->state != Life::State::starting;
      act(connected ? Action::Kind::goodbye : Action::Kind::close, (*life)->key);
      end_row(**life, connected ? "goodbye" : "the run was over before it connected");
      life->reset();
    }
    w.queue.clear();
    w.open.clear();
  }
}

Time Lifecycle::next_timer() const { return agenda_.empty() ? kForever : agenda_.begin()->first; }

std::vector<Action> Lifecycle::take_actions(std::vector<Action> room) {
  room.clear();
  return std::exchange(actions_, std::move(room));
}

bool Lifecycle::is_ready(WorkerId id) const { return worker(id).ready(); }

Incarnation Lifecycle::current(WorkerId id) const {
  const Worker& w = worker(id);
  return w.current ? w.current->key.incarnation : 0;
}

int Lifecycle::hand_overs(WorkerId id) const { return worker(id).hand_overs; }
int Lifecycle::losses(WorkerId id) const { return worker(id).losses; }
const std::vector<LifeRow>& Lifecycle::rows() const { return rows_; }

}  // namespace laggard
