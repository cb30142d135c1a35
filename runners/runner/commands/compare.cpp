// `runner compare`: groups of runs, and what each took to come to a gap.
#include "runners/cli/kinds.hpp"
#include "runners/laboratory/results/comparison.hpp"
#include "runners/laboratory/results/listing.hpp"
#include "runners/runner/commands/command.hpp"
#include "runners/runner/commands/stored_runs.hpp"
#include "runners/runner/json_text.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>

namespace laggard {
namespace {

namespace fs = std::filesystem;

struct CompareChoices {
  double gap = 1e-4;
  std::string in = ".", fail_if;
  std::int64_t seed = 1;
  bool json = false;
};

cli::Table<CompareChoices> compare_options() {
  using Make = cli::Kinds<CompareChoices>;
  return {Make::real({"gap", "Options", "E", "the relative gap to phi* that runs are to come to"},
                     [](auto& c) { return &c.gap; }, {.min_excluded = true}),
          Make::text(
              {"in", "Options", "DIR", "where IDs and expressions are looked up"},
              [](auto& c) { return &c.in; }, cli::as_given),
          Make::text(
              {"fail-if",
               "Options",
               "EXPR",
               "exit code 6 where it holds of a group: time > 1.1x of its ratio to A, time > 10 "
               "of its median; time, startup, solving, rounds, bytes or "
               "dollars",
               {},
               "none"},
              [](auto& c) { return &c.fail_if; }, cli::as_given),
          Make::integer(
              {"seed", "Options", "N", "of the resampling that intervals are from"},
              [](auto& c) { return &c.seed; }, 0, cli::kMany),
          Make::flag({"json", "Options", "", "one JSON object on stdout"},
                     [](auto& c) { return &c.json; })};
}

RunGroup group_called(const std::string& name, const std::string& in) {
  RunGroup group{name, {}};
  const std::vector<fs::path> folders = {fs::exists(name) ? name : in};
  if (!fs::exists(name) && name.find_first_of("=<>") == name.npos) {
    group.runs.push_back(find_run(name, folders, "compare"));
    return group;
  }
  group.runs = load_runs(folders, "compare");
  if (fs::exists(name)) return group;
  const Filter filter = parse_filter(name, "compare", field_names(option_names()));
  std::erase_if(group.runs, [&](const StoredRun& run) {
    return !holds(filter, [&](const std::string& field) { return shown_field(run, field); });
  });
  if (group.runs.empty())
    throw Error(fmt::format("compare: {}: holds of no run below {}", name, in));
  return group;
}

int compare_groups(const std::vector<std::string>& words, const CompareChoices& choices,
                   const CommandContext& context) {
  if (words.size() < 2)
    throw Error("compare: expected two groups of runs at least: folders, IDs or expressions");
  const auto conditions = choices.fail_if.empty()
                              ? std::vector<FailCondition>()
                              : parse_fail_conditions(choices.fail_if, "compare: --fail-if");
  std::vector<RunGroup> groups;
  for (const std::string& word : words) groups.push_back(group_called(word, choices.in));
  const Comparison comparison =
      compare(std::move(groups), choices.gap, static_cast<std::uint64_t>(choices.seed));
  const std::vector<std::string> held = failures(comparison, conditions);
  if (choices.json) {
    boost::json::object object = comparison_json(comparison);
    boost::json::array failed;
    for (const std::string& line : held) failed.push_back(boost::json::string(line));
    object["failed"] = std::move(failed);
    print(context.console.out, json_text(object) + '\n');
  } else {
    print(context.console.out, comparison_text(comparison));
  }
  for (const std::string& line : held)
    context.console.err << "runner: compare: --fail-if " << line << std::endl;
  return held.empty() ? kExitSuccess : kExitOutput;
}

}  // namespace

Command compare_command() {
  Command command;
  command.text.name = "compare";
  command.text.arguments = "A B [C]... [--option value]...";
  command.text.summary = "Compares groups of runs";
  command.text.details =
      "A, B, C: a folder of runs, a run's ID, or an expression as of ls --only. A run's time, "
      "rounds, bytes and dollars are those to its first update at the gap. Ratios are to A, with "
      "intervals of 95 % by a bootstrap and the p-value of a rank test. Runs are paired where the "
      "groups have one each for every seed (or whatever options vary within a group).";
  reads(command, compare_options(), kManyFolders, "expected groups of runs", compare_groups);
  return command;
}

}  // namespace laggard
