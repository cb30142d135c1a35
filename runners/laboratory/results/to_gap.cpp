#include "runners/laboratory/results/to_gap.hpp"

#include "core/io/error.hpp"
#include "core/io/json_fields.hpp"
#include "core/results/cost.hpp"
#include "runners/cli/config_file.hpp"
#include "runners/laboratory/results/filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace laggard {
namespace {

namespace fs = std::filesystem;

double number_field(const StoredRun& run, std::string_view name) {
  const boost::json::value* value = run.field(name);
  return value && value->is_number() ? value->to_number<double>() : kNaN;
}

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, ',');) fields.push_back(std::move(field));
  if (line.ends_with(',')) fields.emplace_back();
  return fields;
}

// At list price, if the run had ended at `now`. Its own total tells what the service billed.
double dollars_until(const std::map<std::string, std::vector<double>>& lives, double memory_mb,
                     double now) {
  double milliseconds = 0, requests = 0;
  const std::vector<double>&invoked = lives.at("invoked"), &ended = lives.at("ended");
  for (std::size_t i = 0; i < invoked.size(); ++i) {
    if (std::isnan(invoked[i]) || invoked[i] > now) continue;
    const double end = std::isnan(ended[i]) ? now : std::min(ended[i], now);
    milliseconds += std::ceil(std::max(0.0, end - invoked[i]) * 1000 - 1e-6);
    ++requests;
  }
  return milliseconds / 1000 * memory_mb / 1024 * kDollarsPerGbSecond +
         requests * kDollarsPerRequest;
}

double dollars_at(const StoredRun& run, double now, std::string_view what) {
  const double all = number_field(run, "dollars");
  if (std::isnan(all)) return kNaN;
  const auto lives = numbers_in(run.folder / "fleet.csv", {"invoked", "ended"}, what);
  const double memory_mb = number_field(run, "memory-mb");
  const double estimate = dollars_until(lives, memory_mb, number_field(run, "virtual_seconds"));
  return estimate > 0 ? all * dollars_until(lives, memory_mb, now) / estimate : kNaN;
}

}  // namespace

std::map<std::string, std::vector<double>> numbers_in(const fs::path& file,
                                                      const std::vector<std::string>& columns,
                                                      std::string_view what) {
  std::istringstream lines(read_whole(file, what));
  std::string line;
  std::getline(lines, line);
  const std::vector<std::string> heading = fields_of(line);
  std::vector<std::size_t> places;
  for (const std::string& name : columns) {
    const auto found = std::ranges::find(heading, name);
    if (found == heading.end())
      throw Error(fmt::format("{}: {}:1: no column {}; expected the results of a run", what,
                              file.string(), name));
    places.push_back(static_cast<std::size_t>(found - heading.begin()));
  }
  std::map<std::string, std::vector<double>> numbers;
  for (const std::string& name : columns) numbers[name];
  for (int at = 2; std::getline(lines, line); ++at) {
    const std::vector<std::string> fields = fields_of(line);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string field = places[i] < fields.size() ? fields[places[i]] : "";
      const std::optional<double> number = spelt_number(field);
      if (!field.empty() && !number)
        throw Error(fmt::format("{}: {}:{}: {} is no number", what, file.string(), at, field));
      numbers[columns[i]].push_back(number.value_or(kNaN));
    }
  }
  return numbers;
}

Optima optima_of(const std::vector<const StoredRun*>& runs, std::string_view what) {
  Optima optima;
  for (const StoredRun* run : runs) {
    const double known = number_field(*run, "reference_objective");
    if (!std::isnan(known)) optima.by_problem[loose_text(run->run, "problem_fingerprint")] = known;
  }
  std::map<std::string, double> best;
  for (const StoredRun* run : runs) {
    const std::string problem = loose_text(run->run, "problem_fingerprint");
    if (optima.by_problem.contains(problem)) continue;
    const auto rows = numbers_in(run->folder / "iterations.csv", {"objective"}, what);
    double& least = best.emplace(problem, kInfinity).first->second;
    for (const double objective : rows.at("objective"))
      if (objective < least) least = objective;
  }
  for (const auto& [problem, least] : best) {
    if (!std::isfinite(least)) {  // a method that times alone
      optima.notices.emplace_back("no run has an objective, so that there are no gaps");
      continue;
    }
    optima.by_problem[problem] = least;
    optima.notices.push_back(fmt::format(
        "no run has a reference optimum; gaps are to the best objective met, {}", least));
  }
  return optima;
}

ToGap to_gap(const StoredRun& run, double gap, const Optima& optima, std::string_view what) {
  const auto rows = numbers_in(run.folder / "iterations.csv",
                               {"round", "virtual_s", "objective", "bytes_up", "bytes_down"}, what);
  const auto found = optima.by_problem.find(loose_text(run.run, "problem_fingerprint"));
  const double optimum = found == optima.by_problem.end() ? kNaN : found->second;
  double bytes = 0;
  for (std::size_t i = 0; i < rows.at("round").size(); ++i) {
    bytes += rows.at("bytes_up")[i] + rows.at("bytes_down")[i];
    const double away = (rows.at("objective")[i] - optimum) / std::max(1.0, std::abs(optimum));
    if (!(away <= gap)) continue;
    const double time = rows.at("virtual_s")[i];
    return {time, time - number_field(run, "startup_seconds"), rows.at("round")[i], bytes,
            dollars_at(run, time, what)};
  }
  ToGap never;
  never.fill(kInfinity);
  if (std::isnan(number_field(run, "dollars"))) never.back() = kNaN;
  return never;
}

}  // namespace laggard
