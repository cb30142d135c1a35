#include "runners/laboratory/report/series.hpp"

#include "core/results/cost.hpp"
#include "runners/laboratory/results/fields.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace laggard {
namespace {

// Rows that reach a level that no row before has, of so many levels a decade.
std::set<std::size_t> first_at_levels(const std::vector<double>& gaps, double per_decade) {
  std::set<std::size_t> rows;
  double reached = kInfinity;
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    if (std::isnan(gaps[i])) continue;
    const double level = gaps[i] > 0 ? std::ceil(std::log10(gaps[i]) * per_decade) : -kInfinity;
    if (level < reached) rows.insert(i);
    reached = std::min(reached, level);
  }
  return rows;
}

}  // namespace

std::vector<std::size_t> kept_rows(const std::vector<double>& gaps, std::size_t most) {
  const std::size_t n = gaps.size();
  std::set<std::size_t> kept;
  if (n <= most) {
    for (std::size_t i = 0; i < n; ++i) kept.insert(i);
    return {kept.begin(), kept.end()};
  }
  for (double per_decade = 8; per_decade > 0.1; per_decade /= 2) {
    kept = first_at_levels(gaps, per_decade);
    if (kept.size() + 2 <= most * 2 / 3) break;
    kept.clear();
  }
  kept.insert({0, n - 1});
  // The rest is spread evenly over the rounds and over their logarithms: both axes are drawn.
  const std::size_t room = most - std::min(most, kept.size());
  const auto last = static_cast<double>(n - 1);
  for (std::size_t i = 0; i < room / 2; ++i) {
    const double share = (static_cast<double>(i) + 0.5) / static_cast<double>(room / 2);
    kept.insert(static_cast<std::size_t>(share * last));
    kept.insert(static_cast<std::size_t>(std::pow(last + 1, share)) - 1);
  }
  return {kept.begin(), kept.end()};
}

Expenses::Expenses(const StoredRun& run, std::vector<LifeRow> lives)
    : lives_(std::move(lives)), workers_(number_field(configuration_of(run), "workers")) {
  std::erase_if(lives_, [](const LifeRow& life) { return life.invoked == kForever; });
  const boost::json::value* cost = run.run.if_contains("cost");
  if (!cost || !cost->is_object() || lives_.empty()) return;
  memory_mb_ = number_field(configuration_of(run), "memory-mb");
  const double end = number_field(run.run, "virtual_seconds");
  if (std::isfinite(end))
    share_ = number_field(cost->as_object(), "dollars") / estimate(from_seconds(end));
}

double Expenses::worker_seconds(Time now) const {
  if (lives_.empty()) return workers_ * to_seconds(now);
  double sum = 0;
  for (const LifeRow& life : lives_)
    sum += to_seconds(std::max(std::min(life.ended, now) - life.invoked, Time{}));
  return sum;
}

double Expenses::estimate(Time now) const {
  FleetCost fleet;
  fleet.memory_mb = memory_mb_;
  std::vector<LifeRow> until;
  for (const LifeRow& life : lives_) {
    if (life.invoked > now) continue;
    until.push_back(life);
    if (life.ended > now) until.back().ended = kForever;
  }
  fleet.requests = static_cast<std::int64_t>(until.size());
  return cost_of(fleet, until, now).dollars;
}

double Expenses::dollars(Time now) const {
  return std::isfinite(share_) ? share_ * estimate(now) : kNaN;
}

void write_series(JsonWriter& out, const StoredRun& run, const std::vector<RoundRow>& rows,
                  const Optimum& optimum, const Expenses& expenses, std::size_t most) {
  std::vector<double> gaps;
  std::vector<std::int64_t> bytes;
  for (const RoundRow& row : rows) {
    gaps.push_back(gap_to(optimum, row));
    bytes.push_back((bytes.empty() ? 0 : bytes.back()) + row.bytes_up + row.bytes_down);
  }
  const std::vector<std::size_t> kept = kept_rows(gaps, most);
  const double startup = number_field(run.run, "startup_seconds");
  const auto column = [&](const char* name, int digits, auto value) {
    out.key(name).open_array();
    for (const std::size_t i : kept) out.number(value(i), digits);
    out.close_array();
  };
  // Enough for a chart; what is compared to the last bit is in the files.
  constexpr int kDigits = 6, kTimeDigits = 7, kObjectiveDigits = 9;
  out.key("series").open_object();
  column("round", 10, [&](std::size_t i) { return static_cast<double>(rows[i].round); });
  column("virtual_s", kTimeDigits, [&](std::size_t i) { return to_seconds(rows[i].at); });
  column("solving_s", kTimeDigits, [&](std::size_t i) {
    return std::isnan(startup) ? kNaN : std::max(to_seconds(rows[i].at) - startup, 0.0);
  });
  column("wall_s", kDigits, [&](std::size_t i) { return rows[i].wall_seconds; });
  column("objective", kObjectiveDigits, [&](std::size_t i) { return rows[i].objective; });
  column("gap", kDigits, [&](std::size_t i) { return gaps[i]; });
  column("primal", kDigits, [&](std::size_t i) { return rows[i].primal; });
  column("dual", kDigits, [&](std::size_t i) { return rows[i].dual; });
  column("rho", kDigits, [&](std::size_t i) { return rows[i].rho; });
  column("bytes", 16, [&](std::size_t i) { return static_cast<double>(bytes[i]); });
  column("worker_s", kDigits, [&](std::size_t i) { return expenses.worker_seconds(rows[i].at); });
  column("dollars", kDigits, [&](std::size_t i) { return expenses.dollars(rows[i].at); });
  column("staleness_max", 10, [&](std::size_t i) { return double(rows[i].staleness_max); });
  column("age_max", 10, [&](std::size_t i) { return double(rows[i].age_max); });
  out.close_object();
}

}  // namespace laggard
