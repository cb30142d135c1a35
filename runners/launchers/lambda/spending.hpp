// What a run has spent, and whether it may spend more (--max-usd).
#pragma once

#include "core/results/cost.hpp"
#include "runners/launchers/lambda/invoke_answer.hpp"

#include <map>
#include <optional>
#include <string>

namespace laggard {

// At list prices (core/results/cost.hpp). An invocation costs its request and its time from when it
// was sent to now, and once it has ended what the service billed; where that stays unknown, the
// time until its end. Told to end, a connected worker is expected to go on for kWindDown, and one
// that is still to connect for kStartUp: so the limit holds when the run ends as soon as why_stop()
// says so.
class Spending {
 public:
  static constexpr Time kWindDown = std::chrono::seconds(2);
  static constexpr Time kStartUp = kWindDown + kConnectTimeout;

  Spending(double most_usd, double memory_mb) : most_usd_(most_usd) {
    cost_.memory_mb = memory_mb;
    cost_.billed_gb_seconds = 0;
  }
  void set_memory(double memory_mb) { cost_.memory_mb = memory_mb; }

  void started(std::int64_t id, Time now) { running_[id] = {now}; }
  void connected(std::int64_t id);
  void ended(std::int64_t id, Time now, const std::optional<Billing>& billing);
  void not_started(std::int64_t id) { running_.erase(id); }  // refused: costs nothing

  FleetCost cost(Time now) const;  // with what runs now, up to now
  double spent_usd(Time now) const;
  // What starting so many may cost if none of them can be told to end before it has connected.
  double to_start(int workers) const {
    return workers * (gb_seconds(kStartUp) * kDollarsPerGbSecond + kDollarsPerRequest);
  }
  double most_usd() const { return most_usd_; }
  // Why no more may be started, or the run has to end; nothing while there is money left.
  std::optional<std::string> why_refuse(Time now) const { return why(now, 1); }
  std::optional<std::string> why_stop(Time now) const { return why(now, 0); }

 private:
  struct Invocation {
    Time since{};
    bool connected = false;
  };
  double gb_seconds(Time time) const { return to_seconds(time) * cost_.memory_mb / 1024; }
  std::optional<std::string> why(Time now, int more) const;

  double most_usd_;
  FleetCost cost_;  // of what has ended
  std::map<std::int64_t, Invocation> running_;
};

}  // namespace laggard
