#include "runners/runner/made_with.hpp"

#include "runners/runner/json_text.hpp"
#include "runners/runner/options.hpp"

#include <fmt/format.h>

namespace laggard {
namespace {

bool shapes_the_iterates(const Option& option) {
  return option.group == OptionGroup::problem || option.group == OptionGroup::method;
}

}  // namespace

MadeWith made_with(const RunConfig& config) {
  MadeWith out;
  out.emplace_back("--protocol", config.protocol);
  out.emplace_back("--shards", fmt::format("{}", config.shard_count));
  if (config.sharding == Sharding::shuffle)
    out.emplace_back("--seed", fmt::format("{}", config.seed));
  for (const Option& option : options()) {
    if (!shapes_the_iterates(option) || option.name == "data") continue;
    const boost::json::value value = option.print(config);
    if (!value.is_null()) out.emplace_back("--" + option.name, json_text(value));
  }
  for (const OptionValues* values : {&config.method_options, &config.protocol_options})
    for (const auto& [name, value] : *values) out.emplace_back("--" + name, to_text(value));
  return out;
}

}  // namespace laggard
