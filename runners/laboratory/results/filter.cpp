#include "runners/laboratory/results/filter.hpp"

#include "core/io/error.hpp"
#include "core/io/nearest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace laggard {
namespace {

// Longer signs first.
constexpr std::array<std::pair<std::string_view, Relation>, 6> kSigns = {{
    {"!=", Relation::unequal},
    {"<=", Relation::at_most},
    {">=", Relation::at_least},
    {"<", Relation::less},
    {">", Relation::greater},
    {"=", Relation::equal},
}};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

// Nothing in `name` where it is no condition.
Condition split_condition(std::string_view text) {
  Condition condition;
  condition.text = trimmed(text);
  const std::size_t at = text.find_first_of("!<>=");
  if (at == text.npos) return condition;
  for (const auto& [sign, relation] : kSigns) {
    if (!text.substr(at).starts_with(sign)) continue;
    condition.name = trimmed(text.substr(0, at));
    condition.relation = relation;
    condition.value = trimmed(text.substr(at + sign.size()));
    return condition;
  }
  return condition;
}

bool is_ordered(Relation relation) { return relation >= Relation::less; }

bool holds_between(Relation relation, double left, double right) {
  switch (relation) {
    case Relation::equal:
      return left == right;
    case Relation::unequal:
      return left != right;
    case Relation::less:
      return left < right;
    case Relation::at_most:
      return left <= right;
    case Relation::greater:
      return left > right;
    case Relation::at_least:
      return left >= right;
  }
  return false;
}

void check(const Condition& condition, std::string_view what, std::span<const std::string> names,
           bool is_known) {
  if (condition.name.empty() || condition.value.empty())
    throw Error(
        fmt::format("{}: {} is no condition; expected NAME=VALUE, or !=, <, <=, >, >=, "
                    "separated by commas",
                    what, condition.text.empty() ? "nothing" : condition.text));
  if (!is_known) {
    const auto nearest = nearest_name(condition.name, names);
    throw Error(
        fmt::format("{}: {}: no option or column of that name; {}", what, condition.name,
                    nearest ? fmt::format("did you mean {}?", *nearest) : "see runner columns"));
  }
  if (is_ordered(condition.relation) && !spelt_number(condition.value))
    throw Error(fmt::format("{}: {}: {} is no number; expected one after <, <=, > or >=", what,
                            condition.text, condition.value));
}

}  // namespace

std::optional<double> spelt_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || std::isnan(value))
    return std::nullopt;
  return value;
}

bool Condition::holds(const std::optional<std::string>& actual) const {
  if (!actual) return relation == Relation::unequal;
  const std::optional<double> left = spelt_number(*actual), right = spelt_number(value);
  if (left && right) return holds_between(relation, *left, *right);
  if (is_ordered(relation)) return false;
  return (*actual == value) == (relation == Relation::equal);
}

Filter parse_filter(std::string_view text, std::string_view what,
                    std::span<const std::string> names) {
  Filter filter;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view piece = text.substr(begin, end - begin);
    begin = end + 1;
    Condition condition = split_condition(piece);
    const bool is_known = std::ranges::find(names, condition.name) != names.end();
    if (!is_known && !filter.empty() && filter.back().value.find(':') != std::string::npos) {
      filter.back().value += fmt::format(",{}", trimmed(piece));
      filter.back().text += fmt::format(",{}", trimmed(piece));
      continue;
    }
    check(condition, what, names, is_known);
    filter.push_back(std::move(condition));
  }
  return filter;
}

bool holds(const Filter& filter,
           const std::function<std::optional<std::string>(const std::string&)>& value_of) {
  return std::ranges::all_of(filter, [&](const Condition& condition) {
    return condition.holds(value_of(condition.name));
  });
}

}  // namespace laggard
