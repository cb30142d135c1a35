// `runner demo`: what protocols do about stragglers, in seconds.
#include "core/io/atomic_file.hpp"
#include "core/io/error.hpp"
#include "core/method/method.hpp"
#include "core/results/run_directory.hpp"
#include "core/schedule/protocol.hpp"
#include "runners/cli/config_file.hpp"
#include "runners/cli/kinds.hpp"
#include "runners/laboratory/matrix/matrix_folder.hpp"
#include "runners/laboratory/results/listing.hpp"
#include "runners/laboratory/results/median_table.hpp"
#include "runners/laboratory/results/statistics.hpp"
#include "runners/laboratory/results/text_table.hpp"
#include "runners/runner/commands/command.hpp"
#include "runners/runner/commands/stored_runs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <map>
#include <sstream>

namespace laggard {
namespace {

namespace fs = std::filesystem;

struct DemoChoices {
  std::string output = "laggard-demo";
};

struct DemoFleet {
  const char* name;
  const char* meaning;
};

constexpr std::array kDemoFleets = {
    DemoFleet{"lambda", "running workers vary little; a start may be half a minute late"},
    DemoFleet{"invocations", "every task may be half a minute late"}};

constexpr int kDemoWorkers = 64;

// Whether it carries the method of the demo, which is the usual one.
bool is_shown(const Protocol& protocol) {
  if (!protocol.method.empty()) return false;
  ProtocolSetup setup;
  setup.workers = setup.shards = kDemoWorkers;
  setup.method = "admm";
  setup.traits = methods().at(setup.method).traits;
  try {
    settle_options(protocol, setup);
  } catch (const Error&) {
    return false;
  }
  return true;
}

std::vector<std::string> shown_protocols() {
  std::vector<std::string> names;
  for (const auto& [name, protocol] : protocols())
    if (is_shown(protocol)) names.push_back(name);
  return names;
}

std::string demo_matrix() {
  return fmt::format(
      R"({{ // Made by runner demo: protocols on a realistic fleet and on a hard one.
  "name": "demo",
  "base": {{"data": "heart", "workers": {}, "target-gap": 1e-6}},
  "axes": {{
    "fleet-model": ["{}", "{}"],
    "protocol": ["{}"]
  }},
  "repeat": {{"seed": [1, 2, 3, 4, 5]}}
}}
)",
      kDemoWorkers, kDemoFleets[0].name, kDemoFleets[1].name,
      fmt::join(shown_protocols(), "\", \""));
}

// A folder of its own, or one that an earlier demo left.
void make_demo_folder(const fs::path& folder) {
  std::error_code error;
  const fs::path matrix = folder / kMatrixFile;
  const bool is_ours = fs::is_regular_file(matrix, error)
                           ? read_whole(matrix, "demo") == demo_matrix()
                           : !fs::exists(folder, error) || fs::is_empty(folder, error);
  if (!is_ours || error)
    throw Error(
        fmt::format("demo: --output: {}: holds something else than this demo; expected a "
                    "new folder",
                    folder.string()));
  fs::create_directories(folder, error);
  if (error)
    fail_to_write(error.value(), fmt::format("demo: --output: {}: cannot create it: {}",
                                             folder.string(), error.message()));
  write_atomically(matrix, demo_matrix(), "demo: --output");
}

// `runner WORDS`, which is heard where it fails.
int run_words(const cli::Arguments& words, const CommandContext& context) {
  std::ostringstream out;
  Console console{out, context.console.err};
  console.err_is_terminal = context.console.err_is_terminal;
  console.colour = context.console.colour;
  console.can_rewrite = context.console.can_rewrite;
  console.columns = context.console.columns;
  cli::Arguments argv = {context.argv.front()};
  argv.insert(argv.end(), words.begin(), words.end());
  const int code = command_named(words.front())
                       .run({words.begin() + 1, words.end()},
                            {console, context.execute, context.interrupted, argv});
  if (code != kExitSuccess) print(context.console.out, out.str());
  return code;
}

std::vector<double> numbers_of(const std::vector<StoredRun>& runs, std::string_view name) {
  std::vector<double> numbers;
  for (const StoredRun& run : runs)
    if (const boost::json::value* value = run.field(name); value && value->is_number())
      numbers.push_back(value->to_number<double>());
  return numbers;
}

using ByProtocol = std::map<std::string, std::vector<StoredRun>>;

std::string medians_by_protocol(const ByProtocol& groups) {
  std::vector<std::vector<std::string>> rows = {
      {"protocol", "start-up s", "solving s", "rounds", "dollars"}};
  for (const auto& [protocol, runs] : groups) {
    rows.push_back({protocol});
    for (const char* name : {"startup_seconds", "solving_seconds"})
      rows.back().push_back(median_and_range(numbers_of(runs, name), 2));
    rows.back().push_back(fmt::format("{:.0f}", median(numbers_of(runs, "rounds"))));
    rows.back().push_back(fmt::format("{:.4f}", median(numbers_of(runs, "dollars"))));
  }
  return text_table(rows);
}

// "solving alone sync is first".
std::string who_is_first(const ByProtocol& groups, std::string_view what, std::string_view name) {
  std::map<std::string, double> medians;
  for (const auto& [protocol, runs] : groups) medians[protocol] = median(numbers_of(runs, name));
  const auto first =
      std::ranges::min_element(medians, {}, [](const auto& each) { return each.second; });
  std::string text = fmt::format("{} {} is first", what, first->first);
  if (first->first != "sync" && medians.contains("sync"))
    text += fmt::format("; sync takes {:.3g} times as long", medians["sync"] / first->second);
  return text + '\n';
}

std::string comparison_of(const std::vector<StoredRun>& runs) {
  std::string text;
  for (const DemoFleet& fleet : kDemoFleets) {
    ByProtocol groups;
    for (const StoredRun& run : runs)
      if (shown_field(run, "fleet_model") == fleet.name)
        groups[shown_field(run, "protocol").value_or("")].push_back(run);
    text += fmt::format("\n{}: {}\n\n{}\n", fleet.name, fleet.meaning, medians_by_protocol(groups));
    text += who_is_first(groups, "Solving alone", "solving_seconds");
    text += who_is_first(groups, "With the start", "virtual_seconds");
  }
  return text;
}

int demo(const std::vector<std::string>&, const DemoChoices& choices,
         const CommandContext& context) {
  const fs::path folder = choices.output;
  make_demo_folder(folder);
  const std::string matrix = (folder / kMatrixFile).string();
  print(context.console.out,
        "heart, logistic loss, l1:1, 64 simulated workers, to a relative gap of 1e-6:\n"
        "medians over five seeds [least to greatest]\n");
  if (const int code = run_words({"matrix", matrix, "run", "--output", folder.string()}, context))
    return code;
  const std::vector<fs::path> folders = {folder};
  print(context.console.out, comparison_of(load_runs(folders, "demo")));
  const std::string report = (folder / "report.html").string();
  if (const int code =
          run_words({"report", folder.string(), "-o", report, "--title", "Demo"}, context))
    return code;
  print(context.console.out,
        fmt::format(
            "\nThe report: xdg-open {}\nThe runs: runner ls {}\nMore of them: change {}, then\n"
            "  runner matrix {} run --output {}\n",
            report, folder.string(), matrix, matrix, folder.string()));
  return kExitSuccess;
}

cli::Table<DemoChoices> demo_options() {
  cli::Table<DemoChoices> options = {cli::Kinds<DemoChoices>::text(
      {"output", "Options", "DIR", "the folder of its runs and its report"},
      [](auto& c) { return &c.output; }, cli::as_given)};
  options.front().letter = "o";
  return options;
}

}  // namespace

Command demo_command() {
  Command command;
  command.text.name = "demo";
  command.text.arguments = "[-o DIR]";
  command.text.summary = "Compares protocols in seconds, with a report";
  command.text.details =
      "Solves one small problem by every built-in protocol that carries admm on two simulated "
      "fleets, five times each, prints a table and writes a report for a browser. What is there of "
      "an earlier demo is not run again.";
  reads(command, demo_options(), 0, "expected options alone", demo);
  command.ends_in_order = true;
  return command;
}

}  // namespace laggard
