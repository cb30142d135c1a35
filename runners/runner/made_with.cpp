#include "runners/runner/made_with.hpp"

#include "runners/runner/json_text.hpp"
#include "runners/runner/options.hpp"

#include <fmt/format.h>

namespace laggard {
namespace {

bool shapes_the_iterates(const RunOption& option) {
  return (option.group == group::kProblem || option.group == group::kMethod) &&
         option.name != "data";
}

}  // namespace

MadeWith made_with(const RunConfig& config) {
  MadeWith out;
  out.emplace_back("--protocol", config.protocol.name);
  out.emplace_back("--shards", fmt::format("{}", config.setup.shards));
  for (const RunOption& option : options()) {
    if (!shapes_the_iterates(option) || !has_effect(option, config)) continue;
    const boost::json::value value = option.print(config);
    if (!value.is_null()) out.emplace_back("--" + option.name, json_text(value));
  }
  for (const OptionValues* values : {&config.method.options, &config.setup.values})
    for (const auto& [name, value] : *values) out.emplace_back("--" + name, to_text(value));
  return out;
}

}  // namespace laggard
