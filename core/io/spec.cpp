#include "core/io/spec.hpp"

#include "core/io/error.hpp"
#include "core/io/nearest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace laggard {

std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> items;
  for (;;) {
    const std::size_t comma = text.find(',');
    items.push_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return items;
    text.remove_prefix(comma + 1);
  }
}

Spec split_spec(std::string_view text) {
  const std::size_t colon = text.find(':');
  Spec spec{text.substr(0, colon), {}};
  if (colon != std::string_view::npos) spec.arguments = split_list(text.substr(colon + 1));
  return spec;
}

std::string_view match_syntax(std::string_view option, std::string_view text,
                              std::span<const std::string_view> syntaxes) {
  const Spec given = split_spec(text);
  const auto distance = [&](std::string_view syntax) {
    return edit_distance(given.name, split_spec(syntax).name);
  };
  LAGGARD_ASSERT(!syntaxes.empty(), std::string(option));
  const std::string_view nearest = *std::min_element(
      syntaxes.begin(), syntaxes.end(),
      [&](std::string_view a, std::string_view b) { return distance(a) < distance(b); });
  if (distance(nearest) != 0) {
    throw Error(fmt::format("{} {}: unknown name '{}', did you mean {}? Expected one of {}", option,
                            text, given.name, nearest, fmt::join(syntaxes, ", ")));
  }
  if (given.arguments.size() != split_spec(nearest).arguments.size()) {
    throw Error(fmt::format("{} {}: expected {}", option, text, nearest));
  }
  return nearest;
}

std::vector<KeyValue> parse_settings(std::string_view text, std::string_view what,
                                     std::span<const std::string_view> keys) {
  std::vector<KeyValue> settings;
  if (text.empty()) return settings;
  if (keys.empty()) throw Error(fmt::format("{}: \"{}\"; it has no parameters", what, text));
  for (const std::string_view item : split_list(text)) {
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos)
      throw Error(fmt::format("{}: \"{}\"; expected key=value pairs, separated by commas, of {}",
                              what, item.empty() ? text : item, fmt::join(keys, ", ")));
    const std::string_view key = item.substr(0, equals);
    if (std::ranges::find(keys, key) == keys.end())
      throw Error(fmt::format("{}: unknown key \"{}\"; expected one of {}", what, key,
                              fmt::join(keys, ", ")));
    if (std::ranges::find(settings, key, &KeyValue::key) != settings.end())
      throw Error(fmt::format("{}: key \"{}\" is given twice; expected it once", what, key));
    settings.push_back({key, item.substr(equals + 1)});
  }
  return settings;
}

}  // namespace laggard
