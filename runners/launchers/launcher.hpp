// How the fleet's workers come to be started: by Lambda's Invoke API, or by somebody else.
#pragma once

#include "core/lifecycle/lifecycle.hpp"
#include "core/results/cost.hpp"
#include "core/wire/assignment.hpp"

#include <functional>
#include <optional>
#include <string>

namespace laggard {

// Used from the fleet's loop alone.
class Launcher {
 public:
  // Called once for each start, never inline: how the invocation ended. Where nobody tells how a
  // process ends: only for a start whose worker never connected.
  using Ended = std::function<void(WorkerKey, InvocationEnd)>;

  virtual ~Launcher() = default;

  // `troubled` is told why a start is delayed.
  using Troubled = std::function<void(WorkerKey, const std::string& why)>;
  virtual void when_troubled(Troubled) {}

  // Throws FleetError before anything is started for what a user can mend: no such
  // function, no credentials, too little concurrency for the fleet.
  virtual void prepare(int workers) = 0;
  virtual void start(const Assignment& assignment, Ended ended) = 0;
  // The invocation's worker has reached the coordinator: so the network lets it, and later trouble
  // of that kind is not for the user to mend.
  virtual void worker_connected(WorkerKey) {}
  virtual void worker_ready(WorkerKey) {}  // and has loaded its shards
  virtual void cancel(WorkerKey key) = 0;  // nobody waits for it any more
  // Waits at most `patience` for the invocations under way to end, so that they are billed. Driven
  // by the loop given at construction.
  virtual void finish(Time patience) = 0;

  virtual Time timeout() const = 0;  // of the function; kForever: none
  virtual std::optional<FleetCost> cost() const {
    return std::nullopt;
  }  // so far; nothing: nobody sends a bill
  // To be asked every second or so: why the run must end now, if more may not be spent (--max-usd).
  virtual std::optional<std::string> budget_spent() const { return std::nullopt; }
};

}  // namespace laggard
