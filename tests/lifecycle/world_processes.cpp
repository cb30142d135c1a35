// What happens to workers in the world, and what the life cycle is told of it.
#include "tests/lifecycle/world.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace laggard::testing {

using namespace std::chrono_literals;

namespace {

InvocationEnd end_of(bool failed, bool throttled, std::string why) {
  InvocationEnd end;
  end.failed = failed;
  end.throttled = throttled;
  end.why = std::move(why);
  return end;
}

std::pair<WorkerId, Incarnation> place(WorkerKey key) { return {key.worker, key.incarnation}; }

}  // namespace

void World::on_invoke(WorkerKey key) {
  Incarnation& last = last_[static_cast<std::size_t>(key.worker)];
  int alive = 0, ready = 0;
  for (const auto& [other, known] : known_)
    if (other.first == key.worker && !known.over) ++alive, ready += known.ready;
  if (key.incarnation != ++last || alive > 1 || finished_)
    throw Broken(fmt::format("invoke {}.{} after {}, beside {}", key.worker, key.incarnation,
                             last - 1, alive));
  known_[place(key)];
  if (happens(plan_.faults.throttle))
    return after(between(1ms, 50ms), [this, key] { tell_ended(key, end_of(true, true, "429")); });
  if (happens(plan_.faults.failed_start))
    return after(between(1ms, 500ms),
                 [this, key] { tell_ended(key, end_of(true, false, "init error")); });
  start_process(key, true);
  if (happens(plan_.faults.duplicate)) start_process(key, false);
  if (ready > 0 && happens(plan_.faults.kill_at_hand_over))
    after(between(0ms, 2 * plan_.cold), [this, w = key.worker] {
      for (const auto& [at, process] : processes_)
        if (at.first == w && process->alive && draw() < 0.7) die(process, true);
    });
}

void World::start_process(WorkerKey key, bool first) {
  const auto process = std::make_shared<Process>();
  process->key = key;
  processes_.emplace(place(key), process);
  Time cold = between(plan_.cold / 2, plan_.cold);
  if (happens(plan_.faults.slow_start)) cold += between(0s, 6s);
  after(cold, [this, process, first] { connect(process, first); });
  Time lifetime = plan_.timeout;
  if (happens(plan_.faults.short_life))
    lifetime = between(cold, cold + std::min<Time>(plan_.timeout, 20s));
  if (lifetime == kForever) return;
  process->deadline = now_ + lifetime;
  after(lifetime, [this, process, first] {
    if (process->alive) die(process, first);
  });
}

void World::connect(const ProcessPtr& process, bool first) {
  if (!process->alive) return;
  const WorkerKey key = process->key;
  Known& known = known_.at(place(key));
  const bool welcome = !known.over && !known.connected && !finished_;
  const Time remaining = process->deadline == kForever ? kForever : process->deadline - now_;
  const bool accepted = !life_.hello(now_, key, remaining, first).has_value();
  if (accepted != welcome)
    throw Broken(fmt::format("hello {}.{}: accepted {}, expected {}", key.worker, key.incarnation,
                             accepted, welcome));
  if (!accepted) {
    process->alive = false;
    if (first) after(5ms, [this, key] { tell_ended(key, end_of(false, false, "refused")); });
    return;
  }
  known.connected = process->connected = true;
  if (happens(plan_.faults.second_hello) && !life_.hello(now_, key, kForever, true))
    throw Broken("a second hello is accepted");
  if (happens(plan_.faults.dies_loading))
    return after(1ms, [this, process] { die(process, true); });
  after(between(0ms, plan_.cold / 4), [this, process] {
    Known& about = known_.at(place(process->key));
    if (!process->connected || about.over) return;
    about.ready = !finished_;
    life_.ready(now_, process->key);
  });
}

World::ProcessPtr World::connected(WorkerKey key) const {
  const auto [begin, end] = processes_.equal_range(place(key));
  const auto found = std::find_if(
      begin, end, [](const auto& p) { return p.second->alive && p.second->connected; });
  return found == end ? nullptr : found->second;
}

void World::receive(WorkerKey key, TaskId task) {
  const ProcessPtr process = connected(key);
  if (!process) return;  // it is lost, and the coordinator does not know it yet
  process->queue.push_back(task);
  if (process->current < 0) begin(process);
}

void World::begin(const ProcessPtr& process) {
  process->current = -1;
  if (process->queue.empty()) return;
  const TaskId task = process->current = process->queue.front();
  process->queue.pop_front();
  const int epoch = ++process->epoch;
  const Time duration = between(plan_.task / 10, plan_.task);
  const auto at_some_point = [&](auto action) {
    after(between(0ms, duration), [process, action] {
      if (process->alive && process->connected) action(process);
    });
  };
  if (happens(plan_.faults.crash)) at_some_point([this](const ProcessPtr& p) { die(p, true); });
  if (happens(plan_.faults.drop)) at_some_point([this](const ProcessPtr& p) { drop(p); });
  if (happens(plan_.faults.leave)) at_some_point([this](const ProcessPtr& p) { leave(p); });
  after(duration, [this, process, task, epoch] {
    if (process->alive && process->epoch == epoch) complete(process, task);
  });
}

// The report goes out, by a ghost too; then the next task begins.
void World::complete(const ProcessPtr& process, TaskId task) {
  if (process->connected || process->ghost) {
    const WorkerKey key = process->key;
    after(1ms, [this, key, task] {
      Known& known = known_.at(place(key));
      const bool counts = !finished_ && known.open.erase(task) == 1;
      if (life_.report(now_, key, task) != counts)
        throw Broken(fmt::format("the report of task {} by {}.{}: expected to count: {}", task,
                                 key.worker, key.incarnation, counts));
      if (counts) answers_.emplace_back(task, true);
    });
  }
  begin(process);
}

void World::stop(WorkerKey key, TaskId task) {
  const ProcessPtr process = connected(key);
  if (!process) return;
  if (process->current == task) {
    ++process->epoch;
    complete(process, task);
  } else if (std::erase(process->queue, task) > 0) {
    const TaskId current = process->current;
    after(1ms, [this, key, task] {
      Known& known = known_.at(place(key));
      const bool counts = !finished_ && known.open.erase(task) == 1;
      if (life_.report(now_, key, task) != counts) throw Broken("the report of a revoked task");
      if (counts) answers_.emplace_back(task, true);
    });
    if (current < 0) begin(process);
  }
}

// The process ends. The coordinator sees that by its connection, by its silence, or is told by the
// service.
void World::die(const ProcessPtr& process, bool told_by_invocation) {
  process->alive = false;
  const WorkerKey key = process->key;
  const bool silent = happens(plan_.faults.told_late);
  if (process->connected)
    after(silent ? Time(3s) : between(0ms, 5ms), [this, key] { tell_closed(key); });
  if (told_by_invocation)
    after(between(0ms, 100ms), [this, key] { tell_ended(key, end_of(true, false, "crashed")); });
}

void World::drop(const ProcessPtr& process) {
  process->connected = false;
  process->ghost = happens(plan_.faults.ghost);
  const WorkerKey key = process->key;
  after(happens(plan_.faults.told_late) ? Time(3s) : between(0ms, 5ms),
        [this, key] { tell_closed(key); });
  if (process->ghost) return;
  process->alive = false;
  after(between(0ms, 100ms),
        [this, key] { tell_ended(key, end_of(false, false, "its connection ended")); });
}

void World::leave(const ProcessPtr& process) {
  const Time remaining = between(0ms, 3s);
  life_.leaving(now_, process->key, remaining);
  after(remaining, [this, process] {
    if (process->alive) die(process, true);
  });
}

void World::kill_all(WorkerKey key) {
  const auto [begin, end] = processes_.equal_range(place(key));
  for (auto p = begin; p != end; ++p) {
    if (!p->second->alive || p->second->ghost) continue;
    p->second->alive = false;
    after(between(0ms, 5ms), [this, key] { tell_closed(key); });
  }
}

void World::tell_closed(WorkerKey key) {
  known_.at(place(key)).over = true;
  life_.closed(now_, key, "its connection ended");
}

void World::tell_ended(WorkerKey key, InvocationEnd end) {
  known_.at(place(key)).over = true;
  if (happens(plan_.faults.no_reason)) end.why.clear();
  life_.invocation_ended(now_, key, std::move(end));
}

}  // namespace laggard::testing
