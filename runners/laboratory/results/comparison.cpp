#include "runners/laboratory/results/comparison.hpp"

#include "core/io/error.hpp"
#include "core/io/json_fields.hpp"
#include "core/results/run_directory.hpp"
#include "runners/cli/program.hpp"
#include "runners/laboratory/results/run_fields.hpp"
#include "runners/laboratory/results/text_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace laggard {
namespace {

namespace json = boost::json;

using Settings = std::map<std::string, std::string>;

// Where results go says nothing about a run.
const std::set<std::string> kNoSettings = {"output", "overwrite", "checkpoint",   "every", "json",
                                           "quiet",  "progress",  "on-full-disk", "serve", "trace"};

Settings settings_of(const StoredRun& run) {
  Settings settings;
  const json::value* configuration = run.run.if_contains("configuration");
  if (!configuration || !configuration->is_object()) return settings;
  for (const auto& [name, value] : configuration->get_object())
    if (!kNoSettings.contains(name)) settings[name] = json::serialize(value);
  return settings;
}

// Options that have not one value in all runs of the group.
void add_varying(const RunGroup& group, std::set<std::string>& names) {
  std::map<std::string, std::pair<std::string, std::size_t>> seen;
  for (const StoredRun& run : group.runs)
    for (const auto& [name, value] : settings_of(run)) {
      auto& [first, count] = seen.emplace(name, std::pair(value, std::size_t{0})).first->second;
      if (first != value) names.insert(name);
      ++count;
    }
  for (const auto& [name, of] : seen)
    if (of.second != group.runs.size()) names.insert(name);
}

// The run of each setting of `names`; nothing where two runs have the same.
std::optional<std::map<std::string, std::size_t>> by_setting(const RunGroup& group,
                                                             const std::set<std::string>& names) {
  std::map<std::string, std::size_t> runs;
  for (std::size_t i = 0; i < group.runs.size(); ++i) {
    const Settings settings = settings_of(group.runs[i]);
    std::string key;
    for (const std::string& name : names) {
      const auto found = settings.find(name);
      key += (found == settings.end() ? "" : found->second) + '\n';
    }
    if (!runs.emplace(key, i).second) return std::nullopt;
  }
  return runs;
}

using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

// Places of runs in both groups; none where they do not pair up.
Pairs pairs_of(const RunGroup& a, const RunGroup& b) {
  if (a.runs.size() != b.runs.size()) return {};
  std::set<std::string> names;
  add_varying(a, names);
  add_varying(b, names);
  const auto of_a = by_setting(a, names), of_b = by_setting(b, names);
  if (!of_a || !of_b) return {};
  Pairs pairs;
  for (const auto& [key, i] : *of_a) {
    const auto other = of_b->find(key);
    if (other == of_b->end()) return {};
    pairs.emplace_back(i, other->second);
  }
  return pairs;
}

// As dollars where nobody pays.
bool is_unknown(const GroupMeasure& group) {
  return std::ranges::all_of(group.values, [](double value) { return std::isnan(value); });
}

bool has_numbers(const GroupMeasure& group) {
  return std::ranges::none_of(group.values, [](double value) { return std::isnan(value); });
}

void relate(const GroupMeasure& first, GroupMeasure& other, const Pairs& pairs,
            std::uint64_t seed) {
  if (!has_numbers(first) || !has_numbers(other)) return;
  // Never is no multiple of never.
  if (std::isinf(median(first.values)) && std::isinf(median(other.values))) return;
  other.paired = !pairs.empty();
  if (!other.paired) {
    other.ratio = unpaired_ratio(first.values, other.values, seed);
    return;
  }
  std::vector<std::pair<double, double>> values;
  for (const auto& [i, j] : pairs) values.emplace_back(first.values[i], other.values[j]);
  other.ratio = paired_ratio(values, seed);
}

void leave_unfinished_out(RunGroup& group, std::vector<std::string>& notices) {
  const std::size_t left_out = std::erase_if(
      group.runs, [](const StoredRun& run) { return run.status != run_status::kFinished; });
  if (group.runs.empty())
    throw Error(
        fmt::format("compare: {}: holds no finished run; expected one at least", group.name));
  if (left_out > 0)
    notices.push_back(fmt::format("{}: {} run{} not finished, and left out", group.name, left_out,
                                  left_out == 1 ? " is" : "s are"));
}

std::string letter(std::size_t group) {
  return group < 26 ? std::string(1, static_cast<char>('A' + group)) : fmt::format("{}", group + 1);
}

std::string measure_heading(const Measure& measure) {
  const bool is_said = measure.name == "dollars";  // by the name
  return measure.unit.empty() || is_said ? std::string(measure.name)
                                         : fmt::format("{} {}", measure.name, measure.unit);
}

json::value number_or_null(double value) {
  return std::isfinite(value) ? json::value(value) : json::value(nullptr);
}

constexpr int kDigits = 3;  // so that a line has at most 80 columns

std::vector<std::string> row_of(const std::string& heading, std::size_t group,
                                const GroupMeasure& of) {
  std::vector<std::string> row = {
      heading,
      letter(group),
      is_unknown(of) ? "" : fmt::format("{}/{}", of.reached, of.values.size()),
      "",
      "",
      "",
      "",
      "",
      ""};
  if (!has_numbers(of)) return row;
  row[3] = brief_number(median(of.values), kDigits);
  row[4] = brief_number(*std::ranges::min_element(of.values), kDigits);
  row[5] = brief_number(*std::ranges::max_element(of.values), kDigits);
  if (!of.ratio) return row;
  row[6] = brief_number(of.ratio->estimate, kDigits);
  if (std::isnan(of.ratio->p)) return row;
  row[7] = fmt::format("{} to {}", brief_number(of.ratio->low, kDigits),
                       brief_number(of.ratio->high, kDigits));
  row[8] = brief_number(of.ratio->p, of.ratio->p < 0.01 ? 1 : 2);
  return row;
}

json::object group_json(const std::string& name, const GroupMeasure& of) {
  json::array values;
  for (const double value : of.values) values.push_back(number_or_null(value));
  json::object object = {{"group", name}, {"reached", of.reached}, {"values", std::move(values)}};
  const bool known = has_numbers(of);
  object["median"] = known ? number_or_null(median(of.values)) : nullptr;
  object["ratio"] = of.ratio ? number_or_null(of.ratio->estimate) : nullptr;
  object["ratio_low"] = of.ratio ? number_or_null(of.ratio->low) : nullptr;
  object["ratio_high"] = of.ratio ? number_or_null(of.ratio->high) : nullptr;
  object["p"] = of.ratio ? number_or_null(of.ratio->p) : nullptr;
  object["test"] = !of.ratio || std::isnan(of.ratio->p) ? json::value(nullptr)
                   : of.paired                          ? json::value("wilcoxon")
                                                        : json::value("mann_whitney");
  return object;
}

}  // namespace

Comparison compare(std::vector<RunGroup> groups, double gap, std::uint64_t seed) {
  Comparison comparison;
  comparison.gap = gap;
  std::vector<const StoredRun*> all;
  for (RunGroup& group : groups) {
    leave_unfinished_out(group, comparison.notices);
    comparison.names.push_back(group.name);
    for (const StoredRun& run : group.runs) all.push_back(&run);
  }
  const std::vector<Optimum> best = optima(all, comparison.notices);
  std::set<std::string> problems;
  for (const StoredRun* run : all) problems.insert(loose_text(run->run, "problem_fingerprint"));
  if (problems.size() > 1)
    comparison.notices.push_back(
        fmt::format("the runs solve {} problems; expected one, or the same ones in every group",
                    problems.size()));
  comparison.measures.assign(kMeasures.size(), std::vector<GroupMeasure>(groups.size()));
  auto optimum = best.begin();  // of the runs in their order
  for (std::size_t g = 0; g < groups.size(); ++g)
    for (const StoredRun& run : groups[g].runs) {
      const ToGap took = to_gap(run, gap, *optimum++, "compare");
      for (std::size_t m = 0; m < took.size(); ++m) {
        comparison.measures[m][g].values.push_back(took[m]);
        comparison.measures[m][g].reached += std::isfinite(took[m]);
      }
    }
  for (std::size_t g = 1; g < groups.size(); ++g) {
    const Pairs pairs = pairs_of(groups.front(), groups[g]);
    for (std::vector<GroupMeasure>& measure : comparison.measures)
      relate(measure.front(), measure[g], pairs, seed);
  }
  return comparison;
}

std::string comparison_text(const Comparison& comparison) {
  std::string text = fmt::format("to a relative gap of {:g}\n", comparison.gap);
  for (std::size_t g = 0; g < comparison.names.size(); ++g)
    text += fmt::format("  {}: {} ({} run{})\n", letter(g), comparison.names[g],
                        comparison.measures[0][g].values.size(),
                        comparison.measures[0][g].values.size() == 1 ? "" : "s");
  std::vector<std::vector<std::string>> rows = {
      {"", "", "reach", "median", "min", "max", "ratio", "95 %", "p"}};
  bool any_test = false, all_paired = true;
  for (std::size_t m = 0; m < kMeasures.size(); ++m)
    for (std::size_t g = 0; g < comparison.names.size(); ++g) {
      const GroupMeasure& of = comparison.measures[m][g];
      rows.push_back(row_of(g == 0 ? measure_heading(kMeasures[m]) : "", g, of));
      if (!of.ratio || std::isnan(of.ratio->p)) continue;
      any_test = true;
      all_paired = all_paired && of.paired;
    }
  text += '\n' + text_table(rows);
  if (any_test)
    text += fmt::format("\nratio to A; p: {}\n",
                        all_paired ? "Wilcoxon's signed-rank test, the runs pair up"
                                   : "Mann-Whitney's test, Wilcoxon's where runs pair up");
  for (const std::string& notice : comparison.notices) cli::wrap(text, "note: ", notice, 6);
  return text;
}

json::object comparison_json(const Comparison& comparison) {
  json::array measures, groups, notices;
  for (const std::string& name : comparison.names) groups.push_back(json::string(name));
  for (const std::string& notice : comparison.notices) notices.push_back(json::string(notice));
  for (std::size_t m = 0; m < kMeasures.size(); ++m) {
    json::array by_group;
    for (std::size_t g = 0; g < comparison.names.size(); ++g)
      by_group.push_back(group_json(comparison.names[g], comparison.measures[m][g]));
    measures.push_back(json::object{{"measure", kMeasures[m].name},
                                    {"unit", kMeasures[m].unit},
                                    {"groups", std::move(by_group)}});
  }
  return {{"gap", comparison.gap},
          {"groups", std::move(groups)},
          {"measures", std::move(measures)},
          {"notices", std::move(notices)}};
}

std::vector<FailCondition> parse_fail_conditions(std::string_view text, std::string_view what) {
  std::vector<std::string> names;
  for (const Measure& measure : kMeasures) names.emplace_back(measure.name);
  // The x is no part of a number: it is taken off first, condition by condition.
  std::vector<FailCondition> conditions;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    std::string piece(text.substr(begin, end - begin));
    begin = end + 1;
    piece.erase(piece.find_last_not_of(' ') + 1);
    piece.erase(0, piece.find_first_not_of(' '));
    FailCondition fail;
    fail.of_ratio = piece.ends_with('x');
    const std::string number = fail.of_ratio ? piece.substr(0, piece.size() - 1) : piece;
    const std::string name = piece.substr(0, piece.find_first_of("=!<> "));
    if (!name.empty() && std::ranges::find(names, name) == names.end())
      throw Error(fmt::format("{}: {}: {} is not what groups are compared by; expected {}", what,
                              piece, name, fmt::join(names, ", ")));
    fail.condition = parse_filter(number, what, names).front();
    if (!spelt_number(fail.condition.value))
      throw Error(fmt::format("{}: {}: {} is no number; expected one, as in time > 1.1x", what,
                              piece, fail.condition.value));
    fail.condition.text = piece;
    fail.measure =
        static_cast<std::size_t>(std::ranges::find(names, fail.condition.name) - names.begin());
    conditions.push_back(std::move(fail));
  }
  return conditions;
}

std::vector<std::string> failures(const Comparison& comparison,
                                  const std::vector<FailCondition>& conditions) {
  std::vector<std::string> held;
  for (const FailCondition& fail : conditions)
    for (std::size_t g = fail.of_ratio ? 1 : 0; g < comparison.names.size(); ++g) {
      const GroupMeasure& first = comparison.measures[fail.measure].front();
      const GroupMeasure& of = comparison.measures[fail.measure][g];
      if (!has_numbers(of) || (fail.of_ratio && !has_numbers(first)))
        throw Error(fmt::format("compare: --fail-if {}: {} has no {}; expected runs that have",
                                fail.condition.text, comparison.names[has_numbers(of) ? 0 : g],
                                fail.condition.name));
      if (fail.of_ratio && !of.ratio) {
        held.push_back(fmt::format("{}: {} and {} never came to the gap, so that there is no ratio",
                                   fail.condition.text, comparison.names[0], comparison.names[g]));
        continue;
      }
      const double value = fail.of_ratio ? of.ratio->estimate : median(of.values);
      if (fail.condition.holds(fmt::format("{}", value)))
        held.push_back(fmt::format("{}: {} is {}{}", fail.condition.text, comparison.names[g],
                                   brief_number(value),
                                   fail.of_ratio && std::isfinite(value) ? "x" : ""));
    }
  return held;
}

}  // namespace laggard
