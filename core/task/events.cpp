#include "core/task/events.hpp"

#include <algorithm>

namespace laggard {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::accepted:
      return "accepted";
    case Outcome::discarded:
      return "discarded";
    case Outcome::revoked:
      return "revoked";
    case Outcome::failed:
      return "failed";
    case Outcome::unfinished:
      return "unfinished";
  }
  return "";
}

TaskTimes times_of(const TaskRow& row) {
  const auto minus = [](Time a, Time b) {
    return a == kForever || b == kForever ? kForever : a - b;
  };
  TaskTimes times;
  const Time worker = minus(row.finished, row.started);
  times.compute = minus(worker, row.pause);
  times.delay = minus(row.arrived, row.dispatched);
  times.communication = minus(times.delay, worker);
  // Less where z waited at a busy worker, or this report took longer than the one before.
  times.queueing = std::max(minus(row.idle, times.communication), Time{});
  return times;
}

std::string_view to_string(StopReason reason) {
  switch (reason) {
    case StopReason::converged:
      return "converged";
    case StopReason::rule_holds:
      return "rule_holds";
    case StopReason::target_loss:
      return "target_loss";
    case StopReason::target_gap:
      return "target_gap";
    case StopReason::method_ended:
      return "method_ended";
    case StopReason::max_rounds:
      return "max_rounds";
    case StopReason::max_tasks:
      return "max_tasks";
    case StopReason::max_passes:
      return "max_passes";
    case StopReason::time_limit:
      return "time_limit";
    case StopReason::budget:
      return "budget";
    case StopReason::diverged:
      return "diverged";
    case StopReason::not_finite:
      return "not_finite";
    case StopReason::interrupted:
      return "interrupted";
    case StopReason::fleet_failed:
      return "fleet_failed";
  }
  return "";
}

}  // namespace laggard
