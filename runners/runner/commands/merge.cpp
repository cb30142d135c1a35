// `runner merge`: what several machines did of one matrix, in one folder.
#include "runners/laboratory/matrix/merge.hpp"
#include "runners/cli/kinds.hpp"
#include "runners/runner/commands/command.hpp"
#include "runners/runner/commands/stored_runs.hpp"

#include <fmt/format.h>

namespace laggard {
namespace {

struct MergeChoices {
  std::string output;
};

cli::Table<MergeChoices> merge_options() {
  cli::Table<MergeChoices> options = {cli::Kinds<MergeChoices>::text(
      {"output", "Options", "DIR", "the folder that all cells come to", {}, "none"},
      [](auto& c) { return &c.output; }, cli::as_given)};
  options.front().letter = "o";
  return options;
}

int merge(const std::vector<std::string>& words, const MergeChoices& choices,
          const CommandContext& context) {
  if (words.empty())
    throw Error("merge: no folder given; expected DIR... -o DIR, outputs of runner matrix run");
  if (choices.output.empty()) throw Error("merge: nowhere to write to; expected DIR... -o DIR");
  const MergedCells cells = merge_matrices(folders_of(words), choices.output, context.interrupted);
  const int all = cells.done + cells.failed + cells.interrupted;
  print(context.console.out,
        fmt::format("{}: {} cell{}: {} done, {} failed, {} interrupted; {} copied\n",
                    choices.output, all, all == 1 ? "" : "s", cells.done, cells.failed,
                    cells.interrupted, cells.copied));
  if (cells.is_whole) return kExitSuccess;
  context.console.err << "runner: merge: interrupted; the same command goes on" << std::endl;
  return kExitInterrupted;
}

}  // namespace

Command merge_command() {
  Command command;
  command.text.name = "merge";
  command.text.arguments = "DIR... -o DIR";
  command.text.summary = "Puts what several machines did into one folder";
  command.text.details =
      "Each DIR is the --output of runner matrix FILE run, with --shard for a part of the cells. "
      "They stay as they are. -o is a new folder, one of them, or one that was merged before: what "
      "is there is not copied again. Of the same cell in several folders the one that finished "
      "counts; where two finished with different results, nothing is done.";
  reads(command, merge_options(), kManyFolders, "expected folders", merge);
  command.ends_in_order = true;
  return command;
}

}  // namespace laggard
