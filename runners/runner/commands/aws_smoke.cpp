// `runner aws-smoke`: does the function on AWS work?
#include "runners/runner/commands/command.hpp"

namespace laggard {
namespace {

int smoke(const cli::Arguments& arguments, const CommandContext& context) {
  return command_named("run").run(smoke_options(arguments), context);
}

}  // namespace

cli::Arguments smoke_options(const cli::Arguments& arguments) {
  cli::Arguments options = {"--fleet",      "lambda", "--protocol",   "sync",
                            "--workers",    "2",      "--synthetic",  "n=2000,d=50,density=0.1",
                            "--reference",  "auto",   "--target-gap", "1e-4",
                            "--time-limit", "60",     "--max-usd",    "0.01"};
  options.insert(options.end(), arguments.begin(), arguments.end());
  return options;
}

Command aws_smoke_command() {
  Command command;
  command.text.name = "aws-smoke";
  command.text.arguments = "--function NAME [--option value]...";
  command.text.summary = "Solves a small problem on AWS for less than a cent";
  std::string line;
  for (const std::string& word : smoke_options({})) line += (line.empty() ? "" : " ") + word;
  command.text.details = "A run with " + line + "; the options that you give overrule these.";
  command.text.takes_all_options = true;
  command.run = smoke;
  command.ends_in_order = true;
  return command;
}

}  // namespace laggard
