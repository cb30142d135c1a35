// `runner matrix`: many runs from one file.
#include "core/io/atomic_file.hpp"
#include "core/io/file_lock.hpp"
#include "core/io/nearest.hpp"
#include "core/io/output_file.hpp"
#include "core/io/spec.hpp"
#include "core/results/run_directory.hpp"
#include "runners/cli/config_file.hpp"
#include "runners/cli/kinds.hpp"
#include "runners/laboratory/matrix/matrix_folder.hpp"
#include "runners/laboratory/matrix/matrix_view.hpp"
#include "runners/laboratory/matrix/plan.hpp"
#include "runners/laboratory/matrix/scheduler.hpp"
#include "runners/laboratory/matrix/selection.hpp"
#include "runners/laboratory/results/index.hpp"
#include "runners/live/server.hpp"
#include "runners/runner/commands/command.hpp"
#include "runners/runner/json_text.hpp"
#include "runners/runner/matrix_rules.hpp"
#include "runners/runner/signals.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <thread>

namespace laggard {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

struct MatrixChoices {
  std::string output, only, shard, retry = "failed,interrupted";
  std::optional<int> jobs;
  int real_time_jobs = 1;
  std::optional<int> serve;
  bool fail_fast = false, json = false, dry_run = false;
};

// As many as there are cores, unless given.
int jobs_of(const MatrixChoices& choices) {
  return choices.jobs.value_or(static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
}

struct Retries {
  bool failed = false, interrupted = false;
};

Retries parse_retries(std::string_view text) {
  Retries retries;
  if (text == "none") return retries;
  const std::vector<std::string> names = {"failed", "interrupted", "none"};
  for (const std::string_view word : split_list(text)) {
    if (parse_choice(word, "--retry", names) == 2)
      throw Error("--retry: none stands alone; expected failed, interrupted, both, or none");
    (word == "failed" ? retries.failed : retries.interrupted) = true;
  }
  return retries;
}

cli::Option<MatrixChoices> serve_option() {
  cli::Option<MatrixChoices> option = cli::Kinds<MatrixChoices>::integer(
      {"serve",
       "Options",
       "PORT",
       "a page on http://127.0.0.1:PORT/ that follows the cells, until the end",
       {},
       "none; without PORT a free one"},
      [](auto& c) { return &c.serve; }, 0, 65535);
  option.bare_value = "0";
  return option;
}

cli::Table<MatrixChoices> matrix_options() {
  using Make = cli::Kinds<MatrixChoices>;
  const std::string in = "Options";
  return {
      Make::text(
          {"output", in, "DIR", "the folder of the results, a folder a cell in cells/", {}, "none"},
          [](auto& c) { return &c.output; }, cli::as_given),
      Make::integer(
          {"jobs", in, "N", "cells in virtual time that run at once", {}, "number of cores"},
          [](auto& c) { return &c.jobs; }, 1, 1000),
      Make::integer(
          {"real-time-jobs", in, "N",
           "cells on other fleets than sim that run at once, when no others do"},
          [](auto& c) { return &c.real_time_jobs; }, 1, 1000),
      Make::text(
          {"retry", in, "failed|interrupted|none",
           "which cells that began before are run again; several with commas"},
          [](auto& c) { return &c.retry; },
          [](std::string_view text) {
            parse_retries(text);
            return std::string(text);
          }),
      Make::text(
          {"only",
           in,
           "WHAT",
           "cells of these options alone: protocol=async,workers>=64",
           {},
           "all"},
          [](auto& c) { return &c.only; }, cli::as_given),
      Make::text(
          {"shard", in, "K/N", "every N-th cell from the K-th on, for several machines", {}, "1/1"},
          [](auto& c) { return &c.shard; }, cli::as_given),
      serve_option(),
      Make::flag({"fail-fast", in, "", "no cell starts after the first that failed"},
                 [](auto& c) { return &c.fail_fast; }),
      Make::flag({"json", in, "", "plan, status: one JSON object"},
                 [](auto& c) { return &c.json; }),
      Make::flag({"dry-run", in, "", "clean: says what it would remove"},
                 [](auto& c) { return &c.dry_run; }),
  };
}

// What is done with a matrix, and the options that have an effect there.
struct MatrixAction {
  std::string name;
  std::set<std::string> options;
};

const std::vector<MatrixAction>& actions() {
  static const std::vector<MatrixAction> all = {
      {"plan", {"output", "jobs", "real-time-jobs", "retry", "only", "shard", "json"}},
      {"run", {"output", "jobs", "real-time-jobs", "retry", "only", "shard", "serve", "fail-fast"}},
      {"status", {"output", "only", "shard", "json"}},
      {"clean", {"output", "dry-run"}}};
  return all;
}

std::vector<std::string> action_names() {
  std::vector<std::string> names;
  for (const MatrixAction& action : actions()) names.push_back(action.name);
  return names;
}

// A matrix, its cells, and how far they are.
struct MatrixWork {
  MatrixFile file;
  Expansion expansion;
  std::vector<CellStanding> standings;  // of all cells
  std::vector<std::size_t> chosen;      // those of --only and --shard
  fs::path output;

  const std::vector<MatrixCell>& cells() const { return expansion.cells; }
  CellCounts counts() const {
    std::vector<CellStanding> some;
    for (const std::size_t cell : chosen) some.push_back(standings[cell]);
    return count(some);
  }
  // Those of the chosen that are to be run.
  std::vector<std::size_t> due(const Retries& retries) const {
    std::vector<std::size_t> all;
    for (const std::size_t cell : chosen) {
      const CellState state = standings[cell].state;
      if (state == CellState::to_do || (state == CellState::failed && retries.failed) ||
          (state == CellState::interrupted && retries.interrupted))
        all.push_back(cell);
    }
    return all;
  }
};

MatrixWork look(const std::string& file, const MatrixChoices& choices, const RunRules& rules) {
  MatrixWork work;
  work.file = read_matrix(file);
  work.expansion = expand(work.file, rules);
  work.output = choices.output;
  work.standings = standings(work.cells(), work.output);
  const Filter only = choices.only.empty() ? Filter{} : parse_only(choices.only, "--only", rules);
  const CellShard shard =
      choices.shard.empty() ? CellShard{} : parse_shard(choices.shard, "--shard");
  for (std::size_t i = 0; i < work.cells().size(); ++i) {
    if (shard.has(i) && holds(only, work.file, work.cells()[i], rules)) work.chosen.push_back(i);
  }
  if (work.chosen.empty() && !only.empty())
    throw Error(fmt::format("--only: {} holds for none of the {} cells{}", choices.only,
                            work.cells().size(),
                            choices.shard.empty() ? "" : " of --shard " + choices.shard));
  return work;
}

// ---- plan ----

struct Forecast {
  double seconds = 0, dollars = 0, billed = 0;
  int known = 0;    // cells, of those that are due
  int priced = 0;   // those on modelled fleets whose dollars are known
  int charged = 0;  // those on AWS
};

Forecast forecast(const MatrixWork& work, const std::vector<std::size_t>& due,
                  const MatrixChoices& choices) {
  const std::vector<CellGuess> all = guesses(work.file, work.cells(), work.standings);
  Forecast sum;
  for (const std::size_t cell : due) {
    const bool real_time = work.cells()[cell].real_time;
    sum.charged += work.cells()[cell].is_billed;
    if (std::isnan(all[cell].seconds)) continue;
    ++sum.known;
    sum.seconds += all[cell].seconds / (real_time ? choices.real_time_jobs : jobs_of(choices));
    if (std::isnan(all[cell].dollars)) continue;
    sum.priced += !work.cells()[cell].is_billed;
    (work.cells()[cell].is_billed ? sum.billed : sum.dollars) += all[cell].dollars;
  }
  return sum;
}

const char* word_for(CellState state) {
  switch (state) {
    case CellState::to_do:
      return "to_do";
    case CellState::interrupted:
      return "interrupted";
    case CellState::failed:
      return "failed";
    case CellState::done:
      return "done";
  }
  return "";
}

std::string counts_text(const CellCounts& counts) {
  std::string text =
      fmt::format("{} cell{}: {} done, {} failed, {} to do", counts.cells,
                  counts.cells == 1 ? "" : "s", counts.done, counts.failed, counts.to_do);
  if (counts.interrupted > 0) text += fmt::format(" ({} interrupted)", counts.interrupted);
  return text;
}

std::string plan_text(const MatrixWork& work, const std::vector<std::size_t>& due,
                      const MatrixChoices& choices) {
  std::string text = fmt::format("{}: {}\n", work.file.name, counts_text(work.counts()));
  std::string axes;
  std::size_t product = 1;
  for (const MatrixAxis& axis : work.file.axes) {
    axes += fmt::format("{}{} {}", axes.empty() ? "" : ", ", axis.name, axis.values.size());
    product *= axis.values.size();
  }
  if (product > work.cells().size())
    axes += fmt::format("; {} excluded", product - work.cells().size());
  if (!axes.empty()) cli::append_entry(text, "  axes", axes);
  const Forecast sum = forecast(work, due, choices);
  const int jobs = jobs_of(choices);
  std::string time = "nobody knows before a cell is done";
  if (due.empty()) time = "none: nothing is to be run";
  if (sum.known > 0)
    time = fmt::format("about {} with {} job{}, by the cells that are done",
                       duration_text(sum.seconds), jobs, jobs == 1 ? "" : "s");
  cli::append_entry(text, "  time", time);
  std::string dollars = "none: nothing runs on AWS";
  if (sum.charged > 0)
    dollars = sum.billed > 0
                  ? fmt::format("about {:.2g} for {} cells on AWS", sum.billed, sum.charged)
                  : fmt::format("{} cells on AWS; nobody knows before one is done", sum.charged);
  if (sum.dollars > 0) dollars += fmt::format("; about {:.2g} on modelled fleets", sum.dollars);
  cli::append_entry(text, "  dollars", dollars);
  return text;
}

json::value number_or_null(double value, bool known) {
  if (!known) return nullptr;
  return value;
}

json::object plan_json(const MatrixWork& work, const std::vector<std::size_t>& due,
                       const MatrixChoices& choices) {
  const CellCounts counts = work.counts();
  const Forecast sum = forecast(work, due, choices);
  json::array runs;
  for (const std::size_t cell : work.chosen) {
    json::array command;
    for (const std::string& word : command_of(work.cells()[cell]))
      command.emplace_back(json::string(word));
    runs.push_back(json::object{{"id", work.cells()[cell].id},
                                {"state", word_for(work.standings[cell].state)},
                                {"label", label(work.file, work.cells()[cell])},
                                {"options", std::move(command)}});
  }
  return {
      {"name", work.file.name},
      {"cells", counts.cells},
      {"done", counts.done},
      {"failed", counts.failed},
      {"interrupted", counts.interrupted},
      {"to_do", counts.to_do},
      {"due", due.size()},
      {"jobs", jobs_of(choices)},
      {"predicted_seconds", number_or_null(sum.seconds, sum.known > 0 || due.empty())},
      {"predicted_dollars", number_or_null(sum.billed, sum.charged == 0 || sum.billed > 0)},
      {"predicted_modelled_dollars", number_or_null(sum.dollars, sum.priced > 0 || due.empty())},
      {"runs", std::move(runs)}};
}

int plan(const MatrixWork& work, const MatrixChoices& choices, const CommandContext& context) {
  const auto due = work.due(parse_retries(choices.retry));
  print(context.console.out, choices.json ? json_text(plan_json(work, due, choices)) + '\n'
                                          : plan_text(work, due, choices));
  return kExitSuccess;
}

// ---- run ----

// Brings the index up to date. Throws Error for one that is not ours to change.
void index_runs(const MatrixWork& work) {
  const bool any = std::ranges::any_of(work.cells(), [&](const MatrixCell& cell) {
    return fs::exists(cell_folder(work.output, cell.id) / kRunFile);
  });
  const std::array folders = {work.output};
  if (any) load_runs(folders, "matrix", Loaded::columns);
}

std::string summary_text(const MatrixWork& work) {
  return fmt::format("{}: {}\n", work.output.string(), counts_text(work.counts()));
}

int run_work(MatrixWork& work, const MatrixChoices& choices, const CommandContext& context) {
  outlive_readers();
  FileLock lock;
  hold_matrix_folder(lock, work.output, "--output");
  index_runs(work);  // before hours of work
  write_atomically(work.output / kMatrixFile, work.file.text, "--output");
  // Anew, now that nobody else works here.
  work.standings = standings(work.cells(), work.output);
  const Retries retries = parse_retries(choices.retry);
  const Console& console = context.console;
  const MatrixScreen screen{console.out, console.err,
                            console.err_is_terminal && console.can_rewrite, console.columns};
  ScheduleOptions options{jobs_of(choices), choices.real_time_jobs, choices.fail_fast,
                          &catch_second_signal()};
  MatrixView view(work.file, work.cells(), work.chosen, work.output);
  std::optional<live::Server> server;
  if (choices.serve) {
    server.emplace(*choices.serve, live::page(), [&] { return view.document(); });
    options.watch = [&](const ScheduleMoment& moment) { view.show(moment); };
    console.err << "the matrix can be followed at " << server->url() << std::endl;
  }
  try {
    run_cells(work.file, work.cells(), work.due(retries), work.standings, work.output, options,
              screen, context.interrupted);
  } catch (const OutputError&) {
    work.standings = standings(work.cells(), work.output);
    print(console.out, summary_text(work));
    throw;
  }
  index_runs(work);
  const CellCounts counts = work.counts();
  view.end(counts_text(counts));
  server.reset();
  print(console.out, summary_text(work));
  if (counts.failed > 0) return kExitOutput;
  return context.interrupted && counts.to_do > 0 ? kExitInterrupted : kExitSuccess;
}

// ---- status, clean ----

int status(const MatrixWork& work, const MatrixChoices& choices, const CommandContext& context) {
  const CellCounts counts = work.counts();
  const json::object object = {{"cells", counts.cells},
                               {"done", counts.done},
                               {"failed", counts.failed},
                               {"to_do", counts.to_do}};
  print(context.console.out, choices.json
                                 ? json::serialize(object) + '\n'
                                 : fmt::format("{}: {}\n", work.file.name, counts_text(counts)));
  return kExitSuccess;
}

// The matrix that is kept beside the results is FILE or, by its name, another version of it.
bool is_of(const std::string& kept, const MatrixFile& file) {
  if (kept == file.text) return true;
  try {
    const std::string name = parse_matrix(kept, "").name;  // no other name than that in the text
    return !name.empty() && name == file.name;
  } catch (const Error&) {
    return false;
  }
}

void refuse_other_matrix(const MatrixWork& work) {
  const fs::path kept = work.output / kMatrixFile;
  if (!fs::is_regular_file(kept))
    throw Error(
        fmt::format("--output: {}: no output of a matrix; expected that of runner matrix "
                    "{} run",
                    work.output.string(), work.file.file));
  if (is_of(read_whole(kept, "matrix"), work.file)) return;
  throw Error(
      fmt::format("--output: {} is another matrix than {}; expected the same file, or one "
                  "of the same \"name\"",
                  kept.string(), work.file.file));
}

int clean(const MatrixWork& work, const MatrixChoices& choices, const CommandContext& context) {
  refuse_other_matrix(work);
  FileLock lock;
  hold_matrix_folder(lock, work.output, "--output");
  std::set<std::string> ids;
  for (const MatrixCell& cell : work.cells()) ids.insert(cell.id);
  std::vector<fs::path> folders;
  for (const fs::directory_entry& entry : fs::directory_iterator(work.output / kCells))
    folders.push_back(entry.path());
  std::ranges::sort(folders);
  std::string text;
  int removed = 0;
  for (const fs::path& folder : folders) {
    const CellState state = standing_of(folder).state;
    const bool is_cell = ids.contains(folder.filename().string());
    if ((is_cell && state == CellState::done) || is_in_use(folder)) continue;
    if (!is_cell && !holds_cell(folder)) continue;  // somebody else's
    text += fmt::format("{}: {}\n", folder.string(),
                        is_cell ? word_for(state) : "no cell of the matrix");
    ++removed;
    if (!choices.dry_run) fs::remove_all(folder);
  }
  text += fmt::format("{} folder{} {}\n", removed, removed == 1 ? "" : "s",
                      choices.dry_run ? "would be removed" : "removed");
  print(context.console.out, text);
  return kExitSuccess;
}

// Options that were given and do nothing here.
void refuse_idle(const MatrixAction& action, const cli::Arguments& arguments,
                 const std::vector<cli::OptionText>& known) {
  for (const Setting& setting : cli::split(arguments, known).settings) {
    if (!action.options.contains(setting.name))
      throw Error(fmt::format("{}: has no effect with matrix {}", setting.what, action.name));
  }
}

int matrix(const std::vector<std::string>& words, const MatrixChoices& choices,
           const CommandContext& context) {
  const std::vector<std::string> names = action_names();
  if (words.size() < 2)
    throw Error(fmt::format("matrix: no {} given; expected FILE and one of {}",
                            words.empty() ? "file" : "action", fmt::join(names, ", ")));
  const MatrixAction& action = actions()[parse_choice(words[1], "matrix", names)];
  // Behind the names of program and command.
  refuse_idle(action, {context.argv.begin() + 2, context.argv.end()}, cli::texts(matrix_options()));
  if (choices.output.empty() && action.name != "plan")
    throw Error(fmt::format("matrix {}: no --output given; expected the folder of the results",
                            action.name));
  const OptionsOfRuns rules;
  MatrixWork work = look(words[0], choices, rules);
  for (const std::string& notice : work.expansion.notices)
    context.console.err << "runner: " << notice << std::endl;
  if (action.name == "plan") return plan(work, choices, context);
  if (action.name == "run") return run_work(work, choices, context);
  if (action.name == "status") return status(work, choices, context);
  return clean(work, choices, context);
}

}  // namespace

Command matrix_command() {
  Command command;
  command.text.name = "matrix";
  command.text.arguments = "FILE plan|run|status|clean [--output DIR] [--option value]...";
  command.text.summary = "Makes all the runs that a file describes";
  command.text.details =
      "FILE is JSON, with comments: a name, the options that all runs share (base), the values of "
      "others (axes), combinations to leave out (exclude), and repeat, as in {\"seed\": [1, 2, "
      "3]}. "
      "Values may be expressions such as \"W/8\". plan tells what is to do and how long it takes; "
      "run does what is not done yet, so that it goes on where it was stopped; status counts; "
      "clean "
      "removes what failed, was interrupted or is no cell of FILE any more. Exit code 6 where a "
      "cell failed, 130 where an interruption left something to do.";
  command.text.words = action_names();
  reads(command, matrix_options(), 2, "expected FILE and one of plan, run, status, clean", matrix);
  command.ends_in_order = true;
  return command;
}

}  // namespace laggard
