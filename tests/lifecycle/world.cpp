#include "tests/lifecycle/world.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace laggard::testing {
namespace {

using namespace std::chrono_literals;

// No run takes longer; one that does hangs.
constexpr Time kHorizon = 4h;
constexpr int kMostEvents = 1'000'000;
constexpr Time kStartTimeout = 3s;

template <class... Args>
void require(bool holds, fmt::format_string<Args...> what, Args&&... args) {
  if (!holds) throw Broken(fmt::format(what, std::forward<Args>(args)...));
}

LifecycleOptions options_of(const Plan& plan) {
  LifecycleOptions options;
  options.workers = plan.workers;
  options.timeout = plan.timeout;
  options.start_timeout = kStartTimeout;
  options.invoke_rate = plan.invoke_rate;
  options.backoff = 50ms;
  options.backoff_most = 1s;
  options.most_failed_starts = 30;
  options.seed = plan.seed;
  return options;
}

}  // namespace

Plan::Plan(std::uint64_t run) : seed(run) {
  std::uint64_t n = 0;
  const auto real = [&](double low, double high) {
    return low + (high - low) * uniform(run, Stream::shuffle, n++, 78);
  };
  const auto below = [&](int count) { return static_cast<int>(real(0, count)); };
  workers = 1 + below(4);
  rounds = 10 + below(40);
  tasks_a_round = 1 + below(3) / 2;
  in_rounds = below(3) > 0;
  faultless = below(5) == 0;
  const double seconds[] = {1.5, 5, 20, 0};
  const double limit = seconds[below(4)];
  timeout = limit == 0 ? kForever : from_seconds(limit);
  task = from_seconds((limit == 0 ? 5 : limit) * (faultless ? 0.02 : real(0.01, 0.2)));
  cold = from_seconds(std::min(2.0, (limit == 0 ? 2 : limit) * real(0, faultless ? 0.06 : 0.2)));
  invoke_rate = below(2) ? kInfinity : 10;
  if (faultless) return;
  for (double* p :
       {&faults.throttle, &faults.failed_start, &faults.slow_start, &faults.dies_loading,
        &faults.duplicate, &faults.short_life, &faults.crash, &faults.drop, &faults.leave})
    *p = below(2) ? real(0, 0.12) : 0;
  for (double* p : {&faults.revoke, &faults.second_hello, &faults.kill_at_hand_over, &faults.ghost,
                    &faults.told_late, &faults.no_reason})
    *p = below(2) ? real(0, 0.5) : 0;
}

World::World(const Plan& plan)
    : plan_(plan),
      life_(options_of(plan)),
      last_(static_cast<std::size_t>(plan.workers), 0),
      unsent_(last_.size()),
      left_(last_.size(), plan.rounds) {}

double World::draw() { return uniform(plan_.seed, Stream::shuffle, next_draw_++, 79); }
bool World::happens(double p) {
  const bool does = p > 0 && draw() < p;
  faults_ += does;
  return does;
}
Time World::between(Time low, Time high) {
  return low + Time(static_cast<std::int64_t>(static_cast<double>((high - low).count()) * draw()));
}

void World::after(Time delay, std::function<void()> event) {
  agenda_.emplace(std::pair(now_ + delay, next_event_++), std::move(event));
}

void World::run() {
  life_.start(now_);
  if (plan_.in_rounds) {
    next_round();
  } else {
    for (WorkerId w = 0; w < plan_.workers; ++w)
      for (int i = 0; i < plan_.tasks_a_round; ++i) next_of_stream(w);
  }
  pump();
  while (!finished_) {
    require(!agenda_.empty(), "nothing is to come, and {} tasks are not answered", pending_.size());
    require(next_event_ < kMostEvents, "no end after {} events", next_event_);
    auto event = agenda_.extract(agenda_.begin());
    now_ = event.key().first;
    require(now_ < kHorizon, "no end after {} s, {} tasks are not answered", to_seconds(now_),
            pending_.size());
    event.mapped()();
    pump();
  }
  // What comes after the end has no consequence.
  const Time end = now_;
  while (!agenda_.empty() && agenda_.begin()->first.first < end + 10s) {
    auto event = agenda_.extract(agenda_.begin());
    now_ = event.key().first;
    event.mapped()();
    require(life_.take_actions().empty(), "an action after the end");
  }
  now_ = end;
}

void World::pump() {
  for (auto actions = life_.take_actions(); !actions.empty() || !answers_.empty();
       actions = life_.take_actions()) {
    for (const Action& action : actions) carry_out(action);
    // What the protocol makes of an answer comes after what was decided already.
    for (const auto& [task, reported] : std::exchange(answers_, {})) answer(task, reported);
  }
  check_books();
  const Time next = life_.next_timer();
  if (next >= tick_) return;
  tick_ = std::max(next, now_);
  // A real timer is late now and then.
  const Time late = plan_.faultless || draw() < 0.5 ? 0ms : between(0ms, 5ms);
  after(tick_ - now_ + late, [this] {
    tick_ = kForever;
    life_.timer(now_);
  });
}

void World::check_books() {
  for (const auto& [key, known] : known_)
    require(!known.over || known.open.empty(),
            "{}.{} is over, and its {} tasks are neither lost nor answered", key.first, key.second,
            known.open.size());
}

void World::carry_out(const Action& action) {
  const WorkerKey key = action.key;
  const auto name = [&] {
    return fmt::format("{}.{}, task {}", key.worker, key.incarnation, action.task);
  };
  const auto place = std::pair(key.worker, key.incarnation);
  switch (action.kind) {
    case Action::Kind::invoke:
      return on_invoke(key);
    case Action::Kind::send: {
      Known& known = known_.at(place);
      require(known.ready && !known.over, "send {}: not ready", name());
      for (const auto& [other, about] : known_)
        require(other.first != key.worker || other == place || about.open.empty(),
                "send {}: {}.{} has tasks", name(), other.first, other.second);
      auto& unsent = unsent_[static_cast<std::size_t>(key.worker)];
      require(!unsent.empty() && unsent.front() == action.task, "send {}: out of turn", name());
      unsent.pop_front();
      pending_.at(action.task).sent = true;
      known.open.insert(action.task);
      return after(1ms, [this, key, task = action.task] { receive(key, task); });
    }
    case Action::Kind::revoke:
      require(known_.at(place).open.contains(action.task), "revoke {}: not with it", name());
      require(pending_.at(action.task).revoked, "revoke {}: nobody asked", name());
      return after(1ms, [this, key, task = action.task] { stop(key, task); });
    case Action::Kind::goodbye:
    case Action::Kind::close:
      if (action.kind == Action::Kind::goodbye)
        require(known_.at(place).open.empty() && known_.at(place).connected, "goodbye {}", name());
      known_.at(place).over = true;
      return after(1ms, [this, key] { kill_all(key); });
    case Action::Kind::lost:
      require(known_.at(place).over, "lost {}: its worker lives", name());
      require(known_.at(place).open.erase(action.task) == 1, "lost {}: not with it", name());
      ++lost_;
      answers_.emplace_back(action.task, false);
      return;
    case Action::Kind::dropped:
      require(pending_.at(action.task).revoked && !pending_.at(action.task).sent, "dropped {}",
              name());
      require(std::erase(unsent_[static_cast<std::size_t>(key.worker)], action.task) == 1,
              "dropped {}", name());
      answers_.emplace_back(action.task, true);
      return;
    case Action::Kind::fail:
      throw Broken("the fleet fails: " + action.why);
  }
}

// ---- The protocol ----

void World::next_round() {
  if (round_++ == plan_.rounds) return finish();
  for (WorkerId w = 0; w < plan_.workers; ++w)
    for (int i = 0; i < plan_.tasks_a_round; ++i) submit(w, next_task_++);
}

void World::next_of_stream(WorkerId w) {
  if (left_[static_cast<std::size_t>(w)]-- > 0) submit(w, next_task_++);
}

void World::submit(WorkerId w, TaskId task) {
  require(pending_.emplace(task, Pending{w, false, false}).second, "task {} is open", task);
  unsent_[static_cast<std::size_t>(w)].push_back(task);
  life_.submit(now_, w, task);
  if (!happens(plan_.faults.revoke)) return;
  after(between(0ms, 2 * plan_.task), [this, task] {
    const auto found = pending_.find(task);
    if (found == pending_.end()) return life_.revoke(now_, task);  // without effect
    found->second.revoked = true;
    life_.revoke(now_, task);
  });
}

void World::answer(TaskId task, bool reported) {
  const auto found = pending_.find(task);
  require(found != pending_.end(), "task {} is answered twice", task);
  const Pending pending = found->second;
  pending_.erase(found);
  ++answered_;
  if (!reported && !pending.revoked) return submit(pending.worker, task);  // it runs again
  attempt_ended(pending.worker);
}

void World::attempt_ended(WorkerId w) {
  const Time pause = between(0ms, 2 * plan_.task);
  if (!plan_.in_rounds) {
    after(pause, [this, w] { next_of_stream(w); });
    if (pending_.empty() &&
        std::all_of(left_.begin(), left_.end(), [](int left) { return left <= 0; }))
      finish();
  } else if (pending_.empty()) {
    after(pause, [this] { next_round(); });
  }
}

void World::finish() {
  if (finished_) return;
  finished_ = true;
  require(pending_.empty(), "a task is not answered at the end");
  life_.finish(now_);
}

}  // namespace laggard::testing
