// How the fleet's workers come to be started: by Lambda's Invoke API, or by somebody else.
#pragma once

#include "core/lifecycle/lifecycle.hpp"
#include "core/wire/assignment.hpp"

#include <functional>
#include <optional>
#include <string>

namespace laggard {

// What an invocation cost, as the service tells.
struct Billing {
  double seconds = 0;         // billed
  double memory_mb = 0;
  double init_seconds = 0;
  double max_memory_mb = 0;   // used
};

// Used from the fleet's loop alone.
class Launcher {
 public:
  // Called once for each start, never inline: how the invocation ended, and what it cost if known.
  using Ended = std::function<void(WorkerKey, InvocationEnd, std::optional<Billing>)>;

  virtual ~Launcher() = default;

  // Throws FleetError before anything is started for what a user can mend: no such
  // function, no credentials, too little concurrency for the fleet.
  virtual void prepare(int workers) = 0;
  virtual void start(const Assignment& assignment, Ended ended) = 0;
  // The invocation's worker has reached the coordinator and loaded its shards: so the fleet can work
  // at all, and later trouble of the same kind is not for the user to mend.
  virtual void worker_ready(WorkerKey) {}
  virtual void cancel(WorkerKey key) = 0;         // nobody waits for it any more; its end is still told
  // Waits at most `patience` for the invocations under way to end, so that they are billed. Driven by
  // the loop given at construction.
  virtual void finish(Time patience) = 0;

  virtual Time timeout() const = 0;               // of the function; kForever: none
  virtual double memory_mb() const = 0;
  virtual std::int64_t requests() const = 0;      // sent to the service so far

  // Billed so far, and what runs now up to this moment, at list prices.
  virtual double spent_usd() const { return 0; }
  // To be asked every second or so: why the run must end now, if more may not be spent (--max-usd).
  virtual std::optional<std::string> budget_spent() const { return std::nullopt; }
};

}  // namespace laggard
