// `runner export`: runs as tables for other programs.
#include "core/io/spec.hpp"
#include "runners/cli/kinds.hpp"
#include "runners/laboratory/export/npz_file.hpp"
#include "runners/laboratory/results/filter.hpp"
#include "runners/laboratory/results/listing.hpp"
#include "runners/runner/commands/command.hpp"
#include "runners/runner/commands/stored_runs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace laggard {
namespace {

namespace fs = std::filesystem;

enum class ExportFormat { csv, npz };

struct ExportChoices {
  std::string output, tables, only;
  std::optional<ExportFormat> format;
};

cli::Table<ExportChoices> export_options() {
  using Make = cli::Kinds<ExportChoices>;
  const std::string in = "Options";
  cli::Table<ExportChoices> options = {
      Make::text(
          {"output", in, "PATH", "a folder for CSV files, or a FILE.npz", {}, "none"},
          [](auto& c) { return &c.output; }, cli::as_given),
      Make::choice({"format",
                    in,
                    "",
                    "a file a table, or one of NumPy for all",
                    {},
                    "npz for a name that ends so, else csv"},
                   [](auto& c) { return &c.format; }, {"csv", "npz"}),
      Make::text(
          {"tables",
           in,
           "NAME,...",
           fmt::format("which tables: {}", fmt::join(table_names(), ", ")),
           {},
           "all"},
          [](auto& c) { return &c.tables; }, cli::as_given),
      Make::text(
          {"only", in, "EXPR", "runs of which all conditions hold, as of ls --only", {}, "all"},
          [](auto& c) { return &c.only; }, cli::as_given)};
  options.front().letter = "o";
  return options;
}

std::vector<std::string> tables_asked_for(const std::string& list) {
  const std::vector<std::string> known = table_names();
  if (list.empty()) return known;
  std::vector<std::string> names;
  for (const std::string_view each : split_list(list))
    names.push_back(known[parse_choice(each, "export: --tables", known)]);
  return names;
}

std::vector<StoredRun> runs_asked_for(const std::vector<std::string>& words,
                                      const std::string& only) {
  Filter filter;
  if (!only.empty()) filter = parse_filter(only, "export: --only", field_names(option_names()));
  std::vector<StoredRun> runs = load_runs(folders_of(words), "export");
  std::erase_if(runs, [&](const StoredRun& run) {
    return !holds(filter, [&](const std::string& name) { return shown_field(run, name); });
  });
  if (runs.empty())
    throw Error(fmt::format("export: --only: {}: holds of no run below {}", only,
                            folders_of(words).front().string()));
  return runs;
}

int export_runs(const std::vector<std::string>& words, const ExportChoices& choices,
                const CommandContext& context) {
  if (choices.output.empty())
    throw Error(
        "export: nowhere to write to; expected -o FOLDER for CSV files, or -o FILE.npz for NumPy");
  const bool is_npz = choices.format ? *choices.format == ExportFormat::npz
                                     : fs::path(choices.output).extension() == ".npz";
  const std::vector<std::string> wanted = tables_asked_for(choices.tables);
  const std::vector<StoredRun> runs = runs_asked_for(words, choices.only);
  const std::vector<Table> tables = tables_of(runs, wanted, "export");
  const RowCounts counts = is_npz ? write_npz(tables, choices.output, "export: -o")
                                  : write_csv_folder(tables, choices.output, "export: -o");
  std::string text =
      fmt::format("{}: {} run{}", choices.output, runs.size(), runs.size() == 1 ? "" : "s");
  std::string rows;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (tables[i].name == "runs" || tables[i].name == "columns") continue;
    rows += fmt::format("{}{} {}", rows.empty() ? "; rows: " : ", ", tables[i].name, counts[i]);
  }
  print(context.console.out, text + rows + '\n');
  return kExitSuccess;
}

}  // namespace

Command export_command() {
  Command command;
  command.text.name = "export";
  command.text.arguments = "[DIR]... -o PATH [--option value]...";
  command.text.summary = "Writes runs as tables: CSV, or a file of NumPy";
  command.text.details =
      "DIR is as of ls. `runs` has a row a run: its folder, the fields of --json, its options as "
      "option.NAME. The other tables have the rows of all runs' files; each begins with the row "
      "of its run in `runs`, from 0, and the run's id. `columns` tells what each column means. A "
      "FILE.npz holds an array a column, TABLE.COLUMN, for numpy.load. What is of an earlier "
      "export is replaced.";
  reads(command, export_options(), kManyFolders, "expected folders", export_runs);
  return command;
}

}  // namespace laggard
