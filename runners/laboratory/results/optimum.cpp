#include "runners/laboratory/results/optimum.hpp"

#include "core/io/json_fields.hpp"
#include "runners/laboratory/results/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace laggard {
namespace {

constexpr std::string_view kPayload = "payload";  // tells times alone

// The problem of a run; that of one which did not end is told by its options alone.
std::string options_of_problem(const StoredRun& run) {
  std::string text;
  for (const char* name : {"data", "synthetic", "features", "loss", "regularizer"})
    text += option_text(run, name) + '\n';
  return text;
}

std::vector<std::string> problems_of(const std::vector<const StoredRun*>& runs) {
  std::map<std::string, std::string> by_options;
  for (const StoredRun* run : runs) {
    const std::string fingerprint = loose_text(run->run, "problem_fingerprint");
    if (!fingerprint.empty()) by_options.emplace(options_of_problem(*run), fingerprint);
  }
  std::vector<std::string> problems;
  for (const StoredRun* run : runs) {
    std::string problem = loose_text(run->run, "problem_fingerprint");
    if (problem.empty()) {
      const std::string options = options_of_problem(*run);
      const auto known = by_options.find(options);
      problem = known == by_options.end() ? options : known->second;
    }
    problems.push_back(std::move(problem));
  }
  return problems;
}

// D of (3.3), from the gap that it certifies.
double bound_of(double objective, double certified) {
  const double near = objective - certified;  // where abs(D) <= 1
  if (std::abs(near) <= 1) return near;
  return near > 0 ? objective / (1 + certified) : objective / (1 - certified);
}

Optimum best_of(const std::vector<const StoredRun*>& runs) {
  Optimum reference, bound, least;
  for (const StoredRun* run : runs) {
    const double given = number_field(run->run, "reference_objective");
    if (std::isfinite(given) && reference.from.empty()) reference = {given, "reference"};
    const double objective = number_field(run->run, "objective");
    const double certified = number_field(run->run, "certified_gap");
    if (std::isfinite(objective) && std::isfinite(certified)) {
      const double found = bound_of(objective, certified);
      if (bound.from.empty() || found > bound.phi) bound = {found, "certificate"};
    }
    if (std::isfinite(objective) && (least.from.empty() || objective < least.phi))
      least = {objective, "best run"};
  }
  for (const Optimum& each : {reference, bound})
    if (!each.from.empty()) return each;
  return least;
}

std::string warning_of(const Optimum& optimum, const StoredRun& run) {
  std::string data = option_text(run, "data");
  if (data.empty()) data = option_text(run, "synthetic");
  const std::string loss = option_text(run, "loss");
  if (loss.empty() && optimum.from == "best run")  // a method with an objective of its own
    return fmt::format("{}, {}: gaps are those to the least objective of all runs, {:.10g}", data,
                       option_text(run, "method"), optimum.phi);
  if (option_text(run, "method") == kPayload)
    return fmt::format("method {}: nothing is trained, so that there are no gaps", kPayload);
  const std::string problem =
      fmt::format("{}, {} + {}", data, loss, option_text(run, "regularizer"));
  if (optimum.from.empty())
    return fmt::format("{}: no run tells of an optimum, so that there are no gaps", problem);
  if (optimum.from == "certificate")
    return fmt::format(
        "{}: no run has the optimum (--reference auto); gaps are those to the best lower bound "
        "that a run certified, {:.10g}, and so too large",
        problem, optimum.phi);
  return fmt::format(
      "{}: no run has the optimum (--reference auto) or a bound of it; gaps are those to the least "
      "objective of all runs, {:.10g}, and so too small",
      problem, optimum.phi);
}

// In what they solve, where several take turns.
bool models_differ(const StoredRun& run) {
  const boost::json::value* models = run.run.if_contains("models");
  if (!models || !models->is_array() || models->as_array().empty()) return false;
  const boost::json::value& first = models->as_array().front();
  return first.is_object() && first.as_object().contains("regularizer");
}

}  // namespace

std::vector<Optimum> optima(const std::vector<const StoredRun*>& runs,
                            std::vector<std::string>& warnings) {
  const std::vector<std::string> problems = problems_of(runs);
  std::map<std::string, std::vector<const StoredRun*>> by_problem;
  for (std::size_t i = 0; i < runs.size(); ++i)
    if (!models_differ(*runs[i])) by_problem[problems[i]].push_back(runs[i]);
  std::map<std::string, Optimum> found;
  for (const auto& [problem, of_it] : by_problem) {
    const Optimum optimum = best_of(of_it);
    if (optimum.from != "reference") warnings.push_back(warning_of(optimum, *of_it.front()));
    found[problem] = optimum;
  }
  std::vector<Optimum> all;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    // Each by its own reference, in case that they were given and differ.
    const double own = number_field(runs[i]->run, "reference_objective");
    all.push_back(std::isfinite(own) ? Optimum{own, "reference"} : found[problems[i]]);
    all.back().by_model = models_differ(*runs[i]);
  }
  return all;
}

std::vector<Optimum> optima(const std::vector<StoredRun>& runs,
                            std::vector<std::string>& warnings) {
  std::vector<const StoredRun*> all;
  for (const StoredRun& run : runs) all.push_back(&run);
  return optima(all, warnings);
}

double gap_to(const Optimum& optimum, const RoundRow& row) {
  if (optimum.by_model) return row.gap;
  return (row.objective - optimum.phi) / std::max(1.0, std::abs(optimum.phi));
}

}  // namespace laggard
