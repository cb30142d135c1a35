// `runner fleets`: the fleet models that are built in, or the constants of one.
#include "runners/cli/kinds.hpp"
#include "runners/runner/commands/command.hpp"
#include "runners/runner/fleet_model.hpp"

namespace laggard {
namespace {

struct FleetsChoices {
  bool json = false;
};

cli::Table<FleetsChoices> fleets_options() {
  return {cli::Kinds<FleetsChoices>::flag(
      {"json", "Options", "", "the file of the model, as --fleet-model takes it"},
      [](auto& c) { return &c.json; })};
}

std::string list() {
  std::string page;
  for (const FleetModel& model : fleet_models())
    cli::append_entry(page, "  " + model.name, model.summary);
  return page;
}

std::string describe(const FleetModel& model) {
  std::string page;
  cli::append_entry(page, model.name, model.summary);
  if (model.price.empty())
    page += "\nprice  none: nobody says what its workers cost\n";
  else
    page += "\nprice  lambda: AWS Lambda's list price, an invocation a worker\n";
  for (const FleetConstant& constant : model.constants) {
    page += '\n';
    cli::wrap(page, constant.name + "  ", value_text(constant), 4);
    cli::append_indented(page, constant.source);
  }
  return page;
}

int fleets(const std::vector<std::string>& words, const FleetsChoices& choices,
           const CommandContext& context) {
  if (words.empty() && choices.json)
    throw Error("fleets: --json prints one model; expected its name or file");
  std::string text = list();
  if (!words.empty()) {
    const FleetModel model = find_fleet_model(words.front(), "fleets");
    text = choices.json ? model.json : describe(model);
  }
  print(context.console.out, text);
  return kExitSuccess;
}

}  // namespace

Command fleets_command() {
  Command command;
  command.text.name = "fleets";
  command.text.arguments = "[NAME|FILE.json] [--json]";
  command.text.summary = "Lists fleet models, or one's constants";
  command.text.details =
      "A model of your own begins as a copy: runner fleets lambda --json > mine.json, then "
      "--fleet-model ./mine.json.";
  for (const FleetModel& model : fleet_models()) command.text.words.push_back(model.name);
  reads(command, fleets_options(), 1, "expected one name at most", fleets);
  return command;
}

}  // namespace laggard
