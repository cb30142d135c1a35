// The life of the simulated workers: what the life cycle decides, carried out in virtual time.
#include "core/io/error.hpp"
#include "runners/fleets/sim/sim_fleet.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace laggard {
namespace {

// Events of workers come before the tasks of the same instant: first the timer, then by worker.
constexpr std::int64_t kFirstWorker = -(std::int64_t{1} << 32);
constexpr std::int64_t kTick = kFirstWorker - 1;

}  // namespace

std::optional<FleetCost> SimFleet::cost() const {
  if (!options_.priced) return std::nullopt;
  FleetCost cost;
  cost.memory_mb = options_.function.memory_mb;
  cost.requests = static_cast<std::int64_t>(lifecycle_.rows().size());
  return cost;
}

bool SimFleet::reaches(const Flight& flight) {
  const Worker& worker = worker_of(flight);
  return flight.incarnation == worker.incarnation && !worker.dead;
}

void SimFleet::act(bool submitting) {
  std::vector<Action> lost;
  while (true) {
    actions_ = lifecycle_.take_actions(std::move(actions_));
    if (actions_.empty()) break;
    for (Action& action : actions_) {
      if (action.kind == Action::Kind::lost)
        lost.push_back(std::move(action));
      else
        carry_out(action, submitting);
    }
  }
  for (Action& action : lost) {  // at last, for whoever is told may send the task again at once
    Flight& flight = *flights_.find(action.task);
    void_report(flight);
    flight.report.lost = true;
    flight.report.failure = std::move(action.why);
    give_back(flight);
  }
  const Time next = lifecycle_.next_timer();
  if (next >= tick_ || next > kEndOfTime) return;
  tick_ = std::max(next, now_);
  events_.push({tick_, kTick, tick, 0});
}

void SimFleet::carry_out(const Action& action, bool submitting) {
  switch (action.kind) {
    case Action::Kind::invoke:
      return on_invoke(action.key);
    case Action::Kind::send:
      return on_send(action.key, *flights_.find(action.task), submitting);
    case Action::Kind::revoke:
      return at(network_.send(now_, kMessageHeaderBytes, 0), *flights_.find(action.task), halt);
    case Action::Kind::dropped: {
      Flight& flight = *flights_.find(action.task);
      void_report(flight);
      return at(now_, flight, answer);
    }
    case Action::Kind::fail:
      throw FleetError(action.why);
    case Action::Kind::lost:
    case Action::Kind::goodbye:
    case Action::Kind::close:
      return;  // nothing comes of that incarnation any more
  }
}

// The report of a task whose computation nobody will see.
void SimFleet::void_report(Flight& flight) {
  abandon(flight);
  flight.report.contribution = {};
  flight.report.arrived = now_;
}

void SimFleet::on_invoke(WorkerKey key) {
  if (options_.function.timeout < kEndOfTime - now_)
    plan(key, options_.function.timeout, expire, "function-timeout");
  if (options_.cold_start > 0) {
    const Start start = straggler_->draw_start(key);
    const Time cold = std::min(from_seconds(options_.cold_start), kForever / 2);
    return plan(key, start.exact.value_or(cold + start.tail), up,
                start.exact || start.tail > cold ? "straggler" : "cold-start");
  }
  lifecycle_.hello(now_, key, kForever, true);
  lifecycle_.ready(now_, key);
}

// What is sent as it is submitted leaves before anything else happens; what waited, in its turn
// among the events of this instant.
void SimFleet::on_send(WorkerKey key, Flight& flight, bool submitting) {
  flight.incarnation = key.incarnation;
  Worker& worker = worker_of(flight);
  if (worker.incarnation != key.incarnation) {
    worker.incarnation = key.incarnation;
    worker.known = {};
    worker.fetched.clear();
    worker.queue.clear();
    worker.current = -1;
    worker.paused_until = {};
    worker.host_factor = straggler_->draw_start(key).factor;
    worker.dead = false;
  }
  if (submitting)
    on_depart(flight);
  else
    at(now_, flight, depart);
}

// `constant`: what makes most of it.
void SimFleet::plan(WorkerKey key, Time after, Stage stage, std::string_view constant) {
  if (after > kEndOfTime - now_)
    throw Error(
        fmt::format("{}: worker {} would {} beyond {} s, where virtual time ends; expected {}",
                    said_by(constant), key.worker, stage == loaded ? "have its shard" : "start",
                    to_seconds(kEndOfTime), constant == "bandwidth" ? "more" : "less"));
  events_.push({now_ + after, kFirstWorker + key.worker, stage, key.incarnation});
}

void SimFleet::on_worker_event(const Event& event) {
  if (event.stage == tick) {
    if (event.when != tick_) return;  // it was set to an earlier time since
    tick_ = kForever;
    lifecycle_.timer(now_);
    return act();
  }
  const WorkerKey key{static_cast<WorkerId>(event.order - kFirstWorker),
                      static_cast<Incarnation>(event.serial)};
  const auto w = static_cast<std::size_t>(key.worker);
  if (event.stage == up) {
    if (!lifecycle_.hello(now_, key, kForever, true)) {
      const bool loads = !options_.load.empty() && !straggler_->draw_start(key).exact;
      plan(key, loads ? options_.load[w] : Time{}, loaded, "bandwidth");
    }
  } else if (event.stage == loaded) {
    lifecycle_.ready(now_, key);
  } else {
    // An earlier one is over, and a dead one is noticed by its silence.
    const Worker& worker = workers_[w];
    if (key.incarnation < worker.incarnation ||
        (key.incarnation == worker.incarnation && worker.dead))
      return;
    InvocationEnd end;
    end.failed = true;
    end.why =
        fmt::format("its function timed out after {} s", to_seconds(options_.function.timeout));
    lifecycle_.invocation_ended(now_, key, end);
  }
  act();
}

}  // namespace laggard
