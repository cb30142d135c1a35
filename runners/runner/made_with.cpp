#include "runners/runner/made_with.hpp"

#include "runners/runner/json_text.hpp"
#include "runners/runner/options.hpp"

#include <fmt/format.h>

namespace laggard {
namespace {

bool shapes_the_iterates(const Option& option) {
  return option.group == OptionGroup::problem || option.group == OptionGroup::method ||
         option.group == OptionGroup::local_solver;
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
  for (const auto& [name, value] : config.protocol_options)
    std::visit(
        [&, key = "--" + name](const auto& v) { out.emplace_back(key, fmt::format("{}", v)); },
        value);
  return out;
}

}  // namespace laggard
