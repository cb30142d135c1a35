// `runner`, `runner run`: solves a problem.
#include "runners/runner/command_line.hpp"
#include "runners/runner/commands/command.hpp"
#include "runners/runner/help.hpp"
#include "runners/runner/json_text.hpp"
#include "runners/runner/options.hpp"

namespace laggard {
namespace {

int run(const cli::Arguments& arguments, const CommandContext& context) {
  const CommandLine line = parse_command_line(arguments);
  if (line.help) {
    print(context.console.out, *line.help);
  } else if (line.config.output.print_config) {
    print(context.console.out, json_text(configuration_json(line.config)) + '\n');
  } else {
    return run_configuration(line.config, context.argv, context.console, context.execute,
                             context.interrupted);
  }
  return kExitSuccess;
}

}  // namespace

Command run_command() {
  Command command;
  command.text.name = "run";
  command.text.arguments = "[--option value]...";
  command.text.summary = "Solves a problem; also without a command's name";
  command.text.takes_all_options = true;
  command.run = run;
  command.ends_in_order = true;
  command.own_help = true;
  return command;
}

}  // namespace laggard
