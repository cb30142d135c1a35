// `runner new-protocol` and `runner new-method`: plugins to start from.
#include "runners/runner/new_plugin.hpp"
#include "runners/cli/kinds.hpp"
#include "runners/runner/commands/command.hpp"

#include <fmt/format.h>

namespace laggard {
namespace {

struct NewPluginChoices {
  std::string output = ".";
};

cli::Table<NewPluginChoices> new_plugin_options() {
  return {cli::Kinds<NewPluginChoices>::text(
      {"output", "Options", "DIR", "where the folder is made"}, [](auto& c) { return &c.output; },
      cli::as_given)};
}

using Write = std::string (*)(const std::string& name, const std::filesystem::path& directory);

template <Write write>
int make_plugin(const std::vector<std::string>& words, const NewPluginChoices& choices,
                const CommandContext& context) {
  if (words.empty()) throw Error("no name given; expected NAME [--output DIR]");
  print(context.console.out, write(words.front(), choices.output));
  return kExitSuccess;
}

template <Write write>
Command command_for(const char* kind) {
  Command command;
  command.text.name = fmt::format("new-{}", kind);
  command.text.arguments = "NAME [--output DIR]";
  command.text.summary = fmt::format("Writes a {} to start from, as a plugin", kind);
  command.text.details = fmt::format(
      "The folder NAME holds a {} that works, to be changed, and what it takes to build and test "
      "it as a plugin.",
      kind);
  reads(command, new_plugin_options(), 1, "expected NAME [--output DIR]", make_plugin<write>);
  return command;
}

}  // namespace

Command new_protocol_command() { return command_for<new_protocol>("protocol"); }

Command new_method_command() { return command_for<new_method>("method"); }

}  // namespace laggard
