#include "runners/runner/protocol_options.hpp"

#include "core/io/error.hpp"
#include "core/io/parse.hpp"
#include "runners/runner/nearest.hpp"
#include "runners/runner/option_kinds.hpp"
#include "runners/runner/plugin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace laggard {
namespace {

constexpr double kLargestInteger = 9.2e18;  // below the largest std::int64_t

std::int64_t to_integer(double bound) {
  return static_cast<std::int64_t>(std::clamp(bound, -kLargestInteger, kLargestInteger));
}

}  // namespace

const Protocol& find_protocol(std::string_view name, std::string_view what) {
  if (is_plugin_path(name)) return load_plugin(std::string(name), what);
  const auto found = protocols().find(name);
  if (found != protocols().end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, protocol] : protocols()) names.push_back(known);
  const auto nearest = nearest_name(name, names);
  throw Error(fmt::format("{}: {} is not a known protocol; {}expected {}, or the path of a plugin",
                          what, name, nearest ? fmt::format("did you mean {}? ", *nearest) : "",
                          fmt::join(names, ", ")));
}

const ProtocolOption* find_option(const Protocol& protocol, std::string_view name) {
  const auto& all = protocol.options;
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const ProtocolOption& o) { return o.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string owners_of_option(std::string_view name) {
  std::vector<std::string> owners;
  for (const auto& [known, protocol] : protocols()) {
    if (find_option(protocol, name)) owners.push_back(known);
  }
  return fmt::format("{}", fmt::join(owners, " and "));
}

OptionValue parse_option(const ProtocolOption& option, std::string_view text,
                         std::string_view what) {
  if (option.or_none && text == "none") return std::string(text);
  switch (option.type) {
    case OptionType::integer:
      return parse_integer(text, what, to_integer(option.min), to_integer(option.max));
    case OptionType::real:
      return parse_real(text, what, option.min, option.max, std::isinf(option.max));
    case OptionType::choice:
      return option.choices.at(option_kinds::parse_choice(text, what, option.choices));
  }
  throw InvariantViolation("an option of no type");
}

std::string describe_range(const ProtocolOption& option) {
  if (option.type == OptionType::choice) return fmt::format("{}", fmt::join(option.choices, "|"));
  const char* none = option.or_none ? ", or none" : "";
  if (std::abs(option.max) >= 2e9) return fmt::format(">= {}{}", option.min, none);
  return fmt::format("{} to {}{}", option.min, option.max, none);
}

void settle_options(const Protocol& protocol, ProtocolSetup& setup) {
  for (const ProtocolOption& option : protocol.options) {
    if (setup.values.contains(option.name)) continue;
    try {
      setup.values[option.name] = parse_option(option, option.default_text, "");
    } catch (const Error&) {
      // Not a plain value: the protocol works it out.
    }
  }
  if (protocol.prepare) protocol.prepare(setup);
  for (const ProtocolOption& option : protocol.options)
    LAGGARD_ASSERT(setup.values.contains(option.name),
                   fmt::format("protocol {} left option {} open", protocol.name, option.name));
}

}  // namespace laggard
