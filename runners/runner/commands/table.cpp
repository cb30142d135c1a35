// `runner table`: medians over many runs, as a table in Markdown.
#include "core/io/spec.hpp"
#include "core/results/run_directory.hpp"
#include "runners/cli/kinds.hpp"
#include "runners/laboratory/results/filter.hpp"
#include "runners/laboratory/results/listing.hpp"
#include "runners/laboratory/results/median_table.hpp"
#include "runners/runner/commands/command.hpp"
#include "runners/runner/commands/stored_runs.hpp"

namespace laggard {
namespace {

struct TableChoices {
  std::string rows = "protocol", columns = "none", value = "solving_seconds", only;
};

cli::Table<TableChoices> table_options() {
  using Make = cli::Kinds<TableChoices>;
  const std::string in = "Options";
  return {Make::text(
              {"rows", in, "NAME[,NAME..]", "a line for runs that have the same of these"},
              [](auto& c) { return &c.rows; }, cli::as_given),
          Make::text(
              {"columns", in, "NAME|none", "a column for each value of this option or result"},
              [](auto& c) { return &c.columns; }, cli::as_given),
          Make::text(
              {"value", in, "NAME[,NAME..]", "results of which the medians are shown"},
              [](auto& c) { return &c.value; }, cli::as_given),
          Make::text(
              {"only", in, "WHAT", "runs of these alone: protocol=async,workers>=64", {}, "all"},
              [](auto& c) { return &c.only; }, cli::as_given)};
}

std::vector<std::string> names_in(const std::string& text, const std::string& what,
                                  std::span<const std::string> known) {
  std::vector<std::string> names;
  for (const std::string_view name : split_list(text)) {
    check_field(name, what, known);
    names.emplace_back(name);
  }
  return names;
}

int table(const std::vector<std::string>& words, const TableChoices& choices,
          const CommandContext& context) {
  const std::vector<std::string> known = field_names(option_names());
  Filter only;
  if (!choices.only.empty()) only = parse_filter(choices.only, "table: --only", known);
  MedianTable wanted{.rows = names_in(choices.rows, "table: --rows", known),
                     .columns = choices.columns == "none" ? "" : choices.columns,
                     .values = names_in(choices.value, "table: --value", known)};
  if (!wanted.columns.empty()) check_field(wanted.columns, "table: --columns", known);
  const auto folders = folders_of(words);
  std::vector<StoredRun> runs = load_runs(folders, "table");
  std::erase_if(runs, [&](const StoredRun& run) {
    return run.status != run_status::kFinished ||
           !holds(only, [&](const std::string& name) { return shown_field(run, name); });
  });
  if (runs.empty())
    throw Error(fmt::format("table: {}: no finished run{}", folders.front().string(),
                            only.empty() ? "" : " of which --only holds"));
  print(context.console.out, median_table(runs, wanted, "table: --value"));
  return kExitSuccess;
}

}  // namespace

Command table_command() {
  Command command;
  command.text.name = "table";
  command.text.arguments = "[DIR]... [--rows NAMES] [--columns NAME] [--value NAMES]";
  command.text.summary = "Medians over many runs, as a table in Markdown";
  command.text.details =
      "Each field is the median [least to greatest] of the finished runs that have in common what "
      "--rows and --columns name. A run that a limit ended short of its target counts as forever; "
      "where "
      "the median is such a run there is a dash.";
  reads(command, table_options(), kManyFolders, "expected folders", table);
  return command;
}

}  // namespace laggard
