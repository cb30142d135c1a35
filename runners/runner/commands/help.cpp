// `runner help`, and what tells shells and man about the program.
#include "runners/runner/help.hpp"
#include "core/results/environment.hpp"
#include "runners/runner/commands/command.hpp"

#include <fmt/format.h>

namespace laggard {
namespace {

const std::vector<std::string> kShells = {"bash", "zsh", "fish"};

int help(const cli::Arguments& arguments, const CommandContext& context) {
  cli::Words all = cli::split(arguments, {});
  if (!all.settings.empty()) cli::refuse_unknown(all.settings.front(), {});
  cli::limit_words(all, 1, "expected one command at most");
  print(context.console.out, help_on(all.words.empty() ? "" : all.words.front()));
  return kExitSuccess;
}

int version_of_program(const cli::Arguments& arguments, const CommandContext& context) {
  cli::limit_words(cli::split(arguments, {}), 0, "expected nothing");
  print(context.console.out, fmt::format("laggard {}\n", version()));
  return kExitSuccess;
}

int complete(const cli::Arguments& arguments, const CommandContext& context) {
  const cli::Words all = cli::split(arguments, {});
  cli::limit_words(all, 1, "expected one shell");
  print(context.console.out,
        cli::completion(runner_program(), all.words.empty() ? "" : all.words.front()));
  return kExitSuccess;
}

int manual(const cli::Arguments& arguments, const CommandContext& context) {
  cli::limit_words(cli::split(arguments, {}), 0, "expected nothing");
  print(context.console.out, cli::manual_page(runner_program(), version()));
  return kExitSuccess;
}

Command make(std::string name, std::string arguments, std::string summary,
             int (*run)(const cli::Arguments&, const CommandContext&)) {
  Command command;
  command.text.name = std::move(name);
  command.text.arguments = std::move(arguments);
  command.text.summary = std::move(summary);
  command.run = run;
  return command;
}

}  // namespace

Command help_command() {
  return make("help", "[COMMAND|all]", "Tells of a command, or of all options", help);
}

Command version_command() { return make("version", "", "Prints the version", version_of_program); }

Command completion_command() {
  Command command =
      make("completion", "bash|zsh|fish", "Prints the completion of a shell", complete);
  command.text.words = kShells;
  return command;
}

Command manual_command() { return make("manual", "", "Prints the manual page, for man", manual); }

}  // namespace laggard
