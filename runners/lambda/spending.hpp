// What a run has spent, and whether it may spend more (--max-usd).
#pragma once

#include "core/types.hpp"
#include "runners/lambda/launcher.hpp"

#include <map>
#include <optional>
#include <string>

namespace laggard {

// At list prices (core/observe/cost.hpp). An invocation costs its request and its time from when it
// was sent to now, and once it has ended what the service billed; where that stays unknown, the time
// until its end. Every invocation that runs is expected to go on for kWindDown after the run is told
// to end, so the limit holds when the run ends as soon as why_stop() says so.
class Spending {
 public:
  static constexpr Time kWindDown = std::chrono::seconds(2);

  Spending(double most_usd, double memory_mb) : most_usd_(most_usd), memory_mb_(memory_mb) {}
  void set_memory(double memory_mb) { memory_mb_ = memory_mb; }

  void started(std::int64_t id, Time now) { running_[id] = now; }
  void ended(std::int64_t id, Time now, const std::optional<Billing>& billing);
  void not_started(std::int64_t id) { running_.erase(id); }  // refused: costs nothing

  double spent_usd(Time now) const;     // with what runs now, up to now
  // Why no more may be started, or the run has to end; nothing while there is money left.
  std::optional<std::string> why_refuse(Time now) const { return why(now, 1); }
  std::optional<std::string> why_stop(Time now) const { return why(now, 0); }

 private:
  double price(double seconds, double memory_mb) const;
  std::optional<std::string> why(Time now, int more) const;

  double most_usd_, memory_mb_;
  double ended_usd_ = 0;
  std::map<std::int64_t, Time> running_;
};

}  // namespace laggard
