#include "runners/launchers/lambda/spending.hpp"

#include <fmt/format.h>

namespace laggard {

void Spending::connected(std::int64_t id) {
  const auto at = running_.find(id);
  if (at != running_.end()) at->second.connected = true;
}

void Spending::ended(std::int64_t id, Time now, const std::optional<Billing>& billing) {
  const auto at = running_.find(id);
  if (at == running_.end()) return;
  ++cost_.requests;
  if (billing) {
    *cost_.billed_gb_seconds += billing->seconds * billing->memory_mb / 1024;
  } else {
    ++cost_.unbilled;
    cost_.unbilled_gb_seconds += gb_seconds(now - at->second.since);
  }
  running_.erase(at);
}

FleetCost Spending::cost(Time now) const {
  FleetCost cost = cost_;
  for (const auto& [id, invocation] : running_) {
    ++cost.requests;
    ++cost.unbilled;
    cost.unbilled_gb_seconds += gb_seconds(now - invocation.since);
  }
  return cost;
}

double Spending::spent_usd(Time now) const {
  const FleetCost so_far = cost(now);
  return (*so_far.billed_gb_seconds + so_far.unbilled_gb_seconds) * kDollarsPerGbSecond +
         static_cast<double>(so_far.requests) * kDollarsPerRequest;
}

std::optional<std::string> Spending::why(Time now, int more) const {
  const double spent = spent_usd(now);
  double to_end = to_start(more);
  for (const auto& [id, invocation] : running_)
    to_end += gb_seconds(invocation.connected ? kWindDown : kStartUp) * kDollarsPerGbSecond;
  if (spent + to_end <= most_usd_) return std::nullopt;
  return fmt::format(
      "--max-usd {}: ${:.6f} are spent, and ending {} {} would take it over the limit", most_usd_,
      spent, running_.size(), more ? "invocations and one more" : "invocations");
}

}  // namespace laggard
