#include "runners/lambda/spending.hpp"

#include "core/observe/cost.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace laggard {

double Spending::price(double seconds, double memory_mb) const {
  return kDollarsPerRequest + seconds * memory_mb / 1024 * kDollarsPerGbSecond;
}

void Spending::ended(std::int64_t id, Time now, const std::optional<Billing>& billing) {
  const auto at = running_.find(id);
  if (at == running_.end()) return;
  ended_usd_ += billing ? price(billing->seconds, billing->memory_mb)
                        : price(to_seconds(now - at->second), memory_mb_);
  running_.erase(at);
}

double Spending::spent_usd(Time now) const {
  double dollars = ended_usd_;
  for (const auto& [id, since] : running_) dollars += price(to_seconds(now - since), memory_mb_);
  return dollars;
}

std::optional<std::string> Spending::why(Time now, int more) const {
  const double spent = spent_usd(now);
  const double to_end = to_seconds(kWindDown) * memory_mb_ / 1024 * kDollarsPerGbSecond *
                            static_cast<double>(running_.size()) +
                        more * price(to_seconds(kWindDown), memory_mb_);
  if (spent + to_end <= most_usd_) return std::nullopt;
  return fmt::format("--max-usd {}: ${:.6f} are spent, and ending {} {} would take it over the limit",
                     most_usd_, spent, running_.size(),
                     more ? "invocations and one more" : "invocations");
}

}  // namespace laggard
