// What a fleet is like: constants, each with its unit and its source.              [math 9]
#pragma once

#include "runners/runner/fleet_options.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace laggard {

// Of the format of the files. Another one is refused.
inline constexpr int kFleetModelVersion = 1;

struct FleetConstant {
  std::string name;  // of the option that overrides it, where there is one
  std::string unit;
  std::string source;
  double value = 0;
  std::string spec;  // the value of `straggler`, which is no number
  std::optional<std::pair<double, double>> interval;  // of a fit: 95 %
  std::string where;                                  // how errors call it: "FILE:3: latency.value"
};

struct FleetModel {
  std::string name;
  std::string summary;                   // one line
  std::string price;                     // "lambda": what workers cost; empty: they have no price
  std::vector<FleetConstant> constants;  // every one that there is, in one order
  std::string json;                      // the file

  const FleetConstant& at(std::string_view constant) const;
};

// Those that are built in, by name.
const std::vector<FleetModel>& fleet_models();

// Reads the text of a model. Throws Error with file:line and what was expected for a constant that
// is unknown, missing or out of range, a unit that does not fit, no source, or another version.
FleetModel parse_fleet_model(std::string_view text, std::string_view file);

// The one built in, or what the file holds, if there is a / or .json in `name`. Errors about the
// name begin with `what`.
FleetModel find_fleet_model(std::string_view name, std::string_view what);

// The text of a model, as parse_fleet_model() takes it.
std::string fleet_model_text(const FleetModel& model);

// "0.0005 s, 0.0004 to 0.0006".
std::string value_text(const FleetConstant& constant);

// Sets what `fleet`, whose number of workers is known, takes from the model.
void apply(const FleetModel& model, FleetOptions& fleet);

}  // namespace laggard
