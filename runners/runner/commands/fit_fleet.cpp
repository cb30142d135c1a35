// `runner fit-fleet`: a fleet model from a recorded run.
#include "runners/runner/fit_fleet.hpp"

#include "core/io/atomic_file.hpp"
#include "runners/cli/kinds.hpp"
#include "runners/runner/commands/command.hpp"

#include <fmt/ranges.h>

#include <filesystem>

namespace laggard {
namespace {

struct FitFleetChoices {
  std::string file;
};

cli::Table<FitFleetChoices> fit_fleet_options() {
  cli::Table<FitFleetChoices> options = {cli::Kinds<FitFleetChoices>::text(
      {"model", "Options", "FILE.json", "where the model is written", {}, "none"},
      [](auto& c) { return &c.file; }, cli::as_given)};
  options.front().letter = "o";
  return options;
}

// `more`: what the run has, and the prediction has not, so that they are no measure of each other.
std::string prediction_text(const char* what, double measured, double predicted,
                            const std::vector<std::string>& more) {
  if (!more.empty())
    return fmt::format("{}  {:.4g} s measured with {}, {:.4g} s predicted without\n", what,
                       measured, fmt::join(more, " and "), predicted);
  return fmt::format("{}  {:.4g} s measured, {:.4g} s predicted ({:+.1f} %)\n", what, measured,
                     predicted, 100 * (predicted / measured - 1));
}

int fit(const std::vector<std::string>& words, const FitFleetChoices& choices,
        const CommandContext& context) {
  if (words.empty())
    throw Error(
        "fit-fleet: no folder given; expected DIR -o FILE.json, DIR from --output of a run");
  if (choices.file.empty()) throw Error("fit-fleet: -o: not given; expected FILE.json");
  if (!choices.file.ends_with(".json"))
    throw Error(
        fmt::format("fit-fleet: -o: {} is no name for a model; expected FILE.json", choices.file));
  const std::string name = std::filesystem::path(choices.file).stem().string();
  const FleetFit fitted = fit_fleet(words.front(), name, context.execute, context.interrupted);
  write_atomically(choices.file, fitted.model.json, "fit-fleet: -o");
  std::string text = fmt::format("{}: fitted to {} tasks\n", choices.file, fitted.tasks);
  for (const FleetConstant& constant : fitted.model.constants)
    if (constant.interval || constant.name == "straggler")  // which may be none
      cli::append_entry(text, "  " + constant.name, value_text(constant));
  const FleetPrediction& p = fitted.prediction;
  for (const std::string& warning : fitted.warnings) text += fmt::format("warning: {}\n", warning);
  std::vector<std::string> more;
  if (fitted.has_pauses) more.emplace_back("pauses");
  const std::vector<std::string> more_in_rounds = more;
  if (fitted.has_late_starts) more.emplace_back("late starts");
  text += prediction_text("the run    ", p.measured, p.predicted, more);
  if (p.measured_rounds > 0)
    text += prediction_text("its rounds ", p.measured_rounds, p.predicted_rounds, more_in_rounds);
  print(context.console.out, text);
  return kExitSuccess;
}

}  // namespace

Command fit_fleet_command() {
  Command command;
  command.text.name = "fit-fleet";
  command.text.arguments = "DIR -o FILE.json";
  command.text.summary = "Makes a fleet model from a recorded run";
  command.text.details =
      "DIR is the --output of a run on any fleet. The constants come with intervals of 95 %, and "
      "with what sim, under the new model, takes for the same run.";
  reads(command, fit_fleet_options(), 1, "expected DIR -o FILE.json", fit);
  command.ends_in_order = true;
  return command;
}

}  // namespace laggard
