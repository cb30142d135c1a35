// `runner pack-shards`: writes rows for workers to fetch.
#include "runners/runner/command_line.hpp"
#include "runners/runner/commands/command.hpp"
#include "runners/runner/shard_file.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace laggard {
namespace {

int pack(const cli::Arguments& arguments, const CommandContext& context) {
  if (arguments.empty() || arguments.front().starts_with("-"))
    throw Error("pack-shards: no file given; expected FILE [the options of the run]");
  const std::string& file = arguments.front();
  const RunConfig config = parse_command_line({arguments.begin() + 1, arguments.end()}).config;
  RunObserver silent;
  const Problem problem = load_problem(config, silent);
  write_shard_file(problem, file, context.interrupted);
  print(context.console.out, fmt::format("{}: {} shards of {}, {} bytes\n", file, problem.shards,
                                         problem.data->name, std::filesystem::file_size(file)));
  return kExitSuccess;
}

}  // namespace

Command pack_shards_command() {
  Command command;
  command.text.name = "pack-shards";
  command.text.arguments = "FILE [--option value]...";
  command.text.summary = "Writes the shards of a run for workers to fetch";
  command.text.details =
      "Give the options of the run. Put FILE where the workers find it, and give the run the same "
      "options and --shard-source FILE or URL.";
  command.text.takes_all_options = true;
  command.run = pack;
  command.ends_in_order = true;
  return command;
}

}  // namespace laggard
