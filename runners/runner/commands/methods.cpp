// `runner methods`: what there is, or one of them.
#include "runners/cli/kinds.hpp"
#include "runners/runner/commands/command.hpp"
#include "runners/runner/help.hpp"
#include "runners/runner/json_text.hpp"
#include "runners/runner/lookup.hpp"

#include <boost/json/array.hpp>

namespace laggard {
namespace {

struct Choices {
  bool json = false;
};

cli::Table<Choices> options() {
  return {cli::Kinds<Choices>::flag({"json", "Options", "", "one JSON object or array on stdout"},
                                    [](auto& c) { return &c.json; })};
}

int list(const cli::Arguments& arguments, const CommandContext& context) {
  Choices choices;
  const auto words = cli::read(arguments, options(), choices, 1, "expected one name at most");
  std::string text;
  if (words.empty() && choices.json) {
    boost::json::array all;
    for (const auto& [name, method] : methods()) all.push_back(method_json(method));
    text = json_text(all) + '\n';
  } else if (words.empty()) {
    text = methods_text();
  } else {
    const Method& method = find_method(words.front(), "methods");
    text = choices.json ? json_text(method_json(method)) + '\n' : method_text(method);
  }
  print(context.console.out, text);
  return kExitSuccess;
}

}  // namespace

Command methods_command() {
  Command command;
  command.text.name = "methods";
  command.text.arguments = "[NAME|PATH.so] [--json]";
  command.text.summary = "Lists the methods, or describes one";
  command.text.options = cli::texts(options());
  for (const auto& [name, method] : methods()) command.text.words.push_back(name);
  command.run = list;
  return command;
}

}  // namespace laggard
