// `runner ls`, `runner show` and `runner columns`: what runs left in their folders.
#include "core/io/spec.hpp"
#include "runners/cli/kinds.hpp"
#include "runners/laboratory/results/dictionary.hpp"
#include "runners/laboratory/results/filter.hpp"
#include "runners/laboratory/results/listing.hpp"
#include "runners/laboratory/results/text_table.hpp"
#include "runners/runner/commands/command.hpp"
#include "runners/runner/commands/stored_runs.hpp"
#include "runners/runner/json_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <set>

namespace laggard {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

const std::vector<std::string> kUsualColumns = {
    "id",     "status", "protocol",        "workers",        "seed",
    "rounds", "gap",    "startup_seconds", "solving_seconds"};
// Shown, after the protocol, where the runs differ in them.
constexpr std::array<const char*, 2> kTelling = {"method", "fleet"};

struct LsChoices {
  bool json = false;
  std::string only, sort, columns;
};

cli::Table<LsChoices> ls_options() {
  using Make = cli::Kinds<LsChoices>;
  return {
      Make::flag({"json", "Options", "", "an array of objects, one a run, with all that is known"},
                 [](auto& c) { return &c.json; }),
      Make::text(
          {"only",
           "Options",
           "EXPR",
           "runs of which all conditions hold, as in protocol=async,workers>=64",
           {},
           "all"},
          [](auto& c) { return &c.only; }, cli::as_given),
      Make::text(
          {"sort",
           "Options",
           "NAME",
           "by a column or an option; -NAME: the largest first",
           {},
           "path"},
          [](auto& c) { return &c.sort; }, cli::as_given),
      Make::text(
          {"columns",
           "Options",
           "NAME,...",
           "what is shown: columns (runner columns) and options",
           {},
           "the usual"},
          [](auto& c) { return &c.columns; }, cli::as_given),
  };
}

std::vector<std::string> columns_asked_for(const std::string& list,
                                           const std::vector<std::string>& names) {
  std::vector<std::string> columns;
  for (const std::string_view each : split_list(list)) {
    check_field(each, "ls: --columns", names);
    columns.emplace_back(each);
  }
  return columns;
}

// What does not tell the runs apart is left out. Runs of one id are told by their folder.
std::vector<std::string> usual_columns(const std::vector<StoredRun>& runs) {
  const auto differ = [&](const char* name) {
    std::set<std::optional<std::string>> values;
    for (const StoredRun& run : runs) values.insert(shown_field(run, name));
    return values.size() > 1;
  };
  std::vector<std::string> columns = kUsualColumns;
  auto place = std::ranges::find(columns, "protocol") + 1;
  for (const char* name : kTelling)
    if (differ(name)) place = columns.insert(place, name) + 1;
  std::set<std::string> ids;
  for (const StoredRun& run : runs) ids.insert(run.id);
  if (ids.size() < runs.size()) columns.emplace_back("path");
  return columns;
}

int ls(const std::vector<std::string>& words, const LsChoices& choices,
       const CommandContext& context) {
  const std::vector<std::string> names = field_names(option_names());
  const Filter filter =
      choices.only.empty() ? Filter() : parse_filter(choices.only, "ls: --only", names);
  const std::string sort_name = choices.sort.substr(choices.sort.starts_with('-') ? 1 : 0);
  if (!choices.sort.empty()) check_field(sort_name, "ls: --sort", names);
  std::vector<std::string> columns;
  if (!choices.columns.empty()) columns = columns_asked_for(choices.columns, names);

  std::vector<std::string> needed = columns;
  for (const Condition& condition : filter) needed.push_back(condition.name);
  if (!choices.sort.empty()) needed.push_back(sort_name);
  const bool from_columns = !choices.json && are_columns(needed);
  std::vector<StoredRun> runs =
      load_runs(folders_of(words), "ls", from_columns ? Loaded::columns : Loaded::documents);
  std::erase_if(runs, [&](const StoredRun& run) {
    return !holds(filter, [&](const std::string& name) { return shown_field(run, name); });
  });
  if (!choices.sort.empty()) sort_runs(runs, choices.sort);
  if (!choices.json) {
    if (columns.empty()) columns = usual_columns(runs);
    print(context.console.out, listing(runs, columns));
    return kExitSuccess;
  }
  std::string text = "[";
  for (StoredRun& run : runs) {
    text += text.size() > 1 ? ",\n" : "\n";
    text += json_text(listed_json(std::move(run)));
  }
  print(context.console.out, text + (runs.empty() ? "]\n" : "\n]\n"));
  return kExitSuccess;
}

struct ShowChoices {
  bool json = false;
  std::string in = ".";
};

cli::Table<ShowChoices> show_options() {
  using Make = cli::Kinds<ShowChoices>;
  return {Make::flag({"json", "Options", "", "one JSON object, as of ls --json"},
                     [](auto& c) { return &c.json; }),
          Make::text(
              {"in", "Options", "DIR", "where the run with that ID is looked for"},
              [](auto& c) { return &c.in; }, cli::as_given)};
}

void append_members(std::vector<std::vector<std::string>>& rows, const json::object& object,
                    const std::string& before) {
  for (const auto& [key, value] : object) {
    const std::string name = before + std::string(key);
    if (value.is_object()) {
      append_members(rows, value.get_object(), name + '.');
    } else if (!value.is_null()) {
      rows.push_back({name, value.is_double()   ? brief_number(value.get_double())
                            : value.is_string() ? std::string(value.get_string())
                                                : json_text(value)});
    }
  }
}

std::string members_text(const json::object& object) {
  std::vector<std::vector<std::string>> rows;
  append_members(rows, object, "  ");
  std::size_t width = 0;
  for (const auto& row : rows) width = std::max(width, row[0].size());
  std::string text;
  for (const auto& row : rows)
    cli::wrap(text, fmt::format("{:{}}  ", row[0], width), row[1], width + 2);
  return text;
}

int show(const std::vector<std::string>& words, const ShowChoices& choices,
         const CommandContext& context) {
  if (words.empty()) throw Error("show: no run given; expected its folder or its ID");
  const StoredRun run = run_called(words.front(), choices.in, "show");
  if (run.run.empty())
    throw Error(fmt::format("show: {}: no JSON object; expected the run.json of a run",
                            (run.folder / "run.json").string()));
  json::object listed = listed_json(run);
  if (choices.json) {
    print(context.console.out, json_text(listed) + '\n');
    return kExitSuccess;
  }
  listed.stable_erase("configuration");
  const json::object options = listed.at("options").as_object();
  listed.stable_erase("options");
  std::string text = fmt::format("{}: {}\n", run.folder.string(), run.status);
  text += members_text(listed) + "\noptions\n" + members_text(options);
  text += fmt::format("\nto repeat it\n  runner --config {}\n",
                      (run.folder / "run.json").lexically_normal().string());
  print(context.console.out, text);
  return kExitSuccess;
}

struct ColumnsChoices {
  bool json = false, markdown = false;
};

cli::Table<ColumnsChoices> columns_options() {
  using Make = cli::Kinds<ColumnsChoices>;
  return {Make::flag({"json", "Options", "", "an array of objects, one a column"},
                     [](auto& c) { return &c.json; }),
          Make::flag({"markdown", "Options", "", "the page of the documentation"},
                     [](auto& c) { return &c.markdown; })};
}

json::array columns_json(std::span<const ColumnsOfFile> files) {
  json::array array;
  for (const ColumnsOfFile& file : files)
    for (const Column& column : file.columns)
      array.push_back(json::object{
          {"file", file.file},
          {"column", column.name},
          {"unit", column.unit.empty() ? json::value(nullptr) : json::value(column.unit)},
          {"meaning", column.meaning}});
  return array;
}

std::string columns_text(std::span<const ColumnsOfFile> files) {
  std::string text;
  for (const ColumnsOfFile& file : files) {
    text += fmt::format("{}{}: a row is {}\n", text.empty() ? "" : "\n", file.file, file.rows);
    for (const Column& column : file.columns) {
      const std::string unit = column.unit.empty() ? "" : fmt::format(" ({})", column.unit);
      cli::append_entry(text, fmt::format("{}{}", column.name, unit), std::string(column.meaning));
    }
  }
  return text;
}

int columns(const std::vector<std::string>& words, const ColumnsChoices& choices,
            const CommandContext& context) {
  std::span<const ColumnsOfFile> files = dictionary();
  if (choices.markdown) {
    if (choices.json || !words.empty())
      throw Error(fmt::format("--markdown: cannot go with {}; expected one of the two",
                              choices.json ? "--json" : "a FILE"));
    print(context.console.out, dictionary_page());
    return kExitSuccess;
  }
  if (!words.empty()) {
    const ColumnsOfFile* file = columns_of(words.front());
    std::vector<std::string_view> known;
    for (const ColumnsOfFile& each : files) known.push_back(each.file);
    if (!file)
      throw Error(fmt::format("columns: {} is no file of results; expected one of {}",
                              words.front(), fmt::join(known, ", ")));
    files = {file, 1};
  }
  print(context.console.out,
        choices.json ? json_text(columns_json(files)) + '\n' : columns_text(files));
  return kExitSuccess;
}

}  // namespace

Command ls_command() {
  Command command;
  command.text.name = "ls";
  command.text.arguments = "[DIR]... [--option value]...";
  command.text.summary = "Lists the runs in folders";
  command.text.details =
      "DIR is the folder of a run, or one that has such folders at most three levels below it; "
      "without one, the current folder. What it finds is kept in DIR/index.sqlite, which may be "
      "deleted at any time.";
  reads(command, ls_options(), kManyFolders, "expected folders", ls);
  return command;
}

Command show_command() {
  Command command;
  command.text.name = "show";
  command.text.arguments = "DIR|ID [--in DIR] [--json]";
  command.text.summary = "Shows all that is known of a run";
  command.text.details = "ID: the digits that ls prints, or the first of them.";
  reads(command, show_options(), 1, "expected one DIR or ID", show);
  return command;
}

Command columns_command() {
  Command command;
  command.text.name = "columns";
  command.text.arguments = "[FILE] [--json|--markdown]";
  command.text.summary = "Tells what the columns of results mean";
  for (const ColumnsOfFile& file : dictionary()) command.text.words.emplace_back(file.file);
  reads(command, columns_options(), 1, "expected one file at most", columns);
  return command;
}

}  // namespace laggard
