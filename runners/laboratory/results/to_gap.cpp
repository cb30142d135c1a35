#include "runners/laboratory/results/to_gap.hpp"

#include "core/io/error.hpp"
#include "core/results/cost.hpp"
#include "core/results/row_reader.hpp"
#include "core/results/run_directory.hpp"
#include "runners/laboratory/results/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace laggard {
namespace {

double index_number(const StoredRun& run, std::string_view name) {
  const boost::json::value* value = run.field(name);
  return value && value->is_number() ? value->to_number<double>() : kNaN;
}

// At list price, if the run had ended at `now`. Its own total tells what the service billed.
double dollars_until(const std::vector<LifeRow>& lives, double memory_mb, Time now) {
  double milliseconds = 0, requests = 0;
  for (const LifeRow& life : lives) {
    if (life.invoked == kForever || life.invoked > now) continue;
    const Time end = std::min(life.ended, now);
    milliseconds += std::ceil(to_seconds(std::max(end - life.invoked, Time{})) * 1000 - 1e-6);
    ++requests;
  }
  return milliseconds / 1000 * memory_mb / 1024 * kDollarsPerGbSecond +
         requests * kDollarsPerRequest;
}

double dollars_at(const StoredRun& run, Time now, std::string_view what) {
  const double all = index_number(run, "dollars");
  if (std::isnan(all)) return kNaN;
  const std::vector<LifeRow> lives = read_lives(run.folder, what);
  const double memory_mb = index_number(run, "memory-mb");
  const double end = index_number(run, "virtual_seconds");
  const double estimate = dollars_until(lives, memory_mb, from_seconds(end));
  return estimate > 0 ? all * dollars_until(lives, memory_mb, now) / estimate : kNaN;
}

}  // namespace

std::vector<RoundRow> all_rounds(const StoredRun& run, std::string_view what) {
  std::vector<RoundRow> rows = read_rounds(run.folder, what);
  const double rounds = index_number(run, "rounds");
  const int last = rows.empty() ? 0 : rows.back().round;
  if (run.status == run_status::kFinished && last < rounds)
    throw Error(fmt::format("{}: {}: ends at round {}; expected {}, as run.json tells", what,
                            (run.folder / "iterations.csv").string(), last, rounds));
  return rows;
}

ToGap to_gap(const StoredRun& run, double gap, const Optimum& optimum, std::string_view what) {
  std::int64_t bytes = 0;
  for (const RoundRow& row : all_rounds(run, what)) {
    bytes += row.bytes_up + row.bytes_down;
    if (!(gap_to(optimum, row) <= gap)) continue;
    const double time = to_seconds(row.at);
    const double startup = std::min(index_number(run, "startup_seconds"), time);
    return {time,
            startup,
            time - startup,
            static_cast<double>(row.round),
            static_cast<double>(bytes),
            dollars_at(run, row.at, what)};
  }
  ToGap never;
  never.fill(kInfinity);
  if (std::isnan(index_number(run, "dollars"))) never.back() = kNaN;
  return never;
}

}  // namespace laggard
