// `runner help`, and what tells shells and man about the program.
#include "runners/runner/help.hpp"
#include "core/results/environment.hpp"
#include "runners/runner/commands/command.hpp"

#include <fmt/format.h>

namespace laggard {
namespace {

const std::vector<std::string> kShells = {"bash", "zsh", "fish"};

struct NoChoices {};

int help(const std::vector<std::string>& words, const NoChoices&, const CommandContext& context) {
  print(context.console.out, help_on(words.empty() ? "" : words.front()));
  return kExitSuccess;
}

int version_of_program(const std::vector<std::string>&, const NoChoices&,
                       const CommandContext& context) {
  print(context.console.out, fmt::format("laggard {}\n", version()));
  return kExitSuccess;
}

int complete(const std::vector<std::string>& words, const NoChoices&,
             const CommandContext& context) {
  print(context.console.out, cli::completion(runner_program(), words.empty() ? "" : words.front()));
  return kExitSuccess;
}

int manual(const std::vector<std::string>&, const NoChoices&, const CommandContext& context) {
  print(context.console.out, cli::manual_page(runner_program(), version()));
  return kExitSuccess;
}

template <class Act>
Command make(std::string name, std::string arguments, std::string summary, std::size_t most_words,
             const std::string& expected, Act act) {
  Command command;
  command.text.name = std::move(name);
  command.text.arguments = std::move(arguments);
  command.text.summary = std::move(summary);
  reads<NoChoices>(command, {}, most_words, expected, act);
  return command;
}

}  // namespace

Command help_command() {
  return make("help", "[COMMAND|all]", "Tells of a command, or of all options", 1,
              "expected one command at most", help);
}

Command version_command() {
  return make("version", "", "Prints the version", 0, "expected nothing", version_of_program);
}

Command completion_command() {
  Command command = make("completion", "bash|zsh|fish", "Prints the completion of a shell", 1,
                         "expected one shell", complete);
  command.text.words = kShells;
  return command;
}

Command manual_command() {
  return make("manual", "", "Prints the manual page, for man", 0, "expected nothing", manual);
}

}  // namespace laggard
