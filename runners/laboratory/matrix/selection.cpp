#include "runners/laboratory/matrix/selection.hpp"

#include "core/io/error.hpp"
#include "core/io/nearest.hpp"
#include "core/io/parse.hpp"
#include "core/io/spec.hpp"
#include "runners/laboratory/matrix/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace laggard {
namespace {

using Relation = CellCondition::Relation;

// Longer signs first.
constexpr std::array<std::pair<std::string_view, Relation>, 6> kRelations = {{
    {"!=", Relation::unequal},
    {"<=", Relation::at_most},
    {">=", Relation::at_least},
    {"<", Relation::less},
    {">", Relation::greater},
    {"=", Relation::equal},
}};

// Nothing in `option` where it is no condition.
CellCondition split_condition(std::string_view text) {
  CellCondition condition;
  const std::size_t at = text.find_first_of("!<>=");
  if (at == text.npos || at == 0) return condition;
  for (const auto& [sign, relation] : kRelations) {
    if (!text.substr(at).starts_with(sign)) continue;
    condition.option = text.substr(0, at);
    condition.relation = relation;
    condition.value = text.substr(at + sign.size());
    condition.text = text;
    return condition;
  }
  return condition;
}

bool is_ordered(Relation relation) { return relation >= Relation::less; }

bool compare(Relation relation, double left, double right) {
  switch (relation) {
    case Relation::less:
      return left < right;
    case Relation::at_most:
      return left <= right;
    case Relation::greater:
      return left > right;
    case Relation::at_least:
      return left >= right;
    case Relation::equal:
      return left == right;
    case Relation::unequal:
      return left != right;
  }
  return false;
}

bool holds(const CellCondition& condition, const MatrixFile& matrix, const MatrixCell& cell,
           const RunRules& rules) {
  const auto given = std::ranges::find(cell.settings, condition.option, &Setting::name);
  std::optional<std::string> value;
  if (given != cell.settings.end())
    value = given->value;
  else
    value = rules.value_in_force(condition.option, cell.settings);
  if (is_ordered(condition.relation)) {
    if (!value) return false;
    const std::optional<double> left = number_in(*value), right = number_in(condition.value);
    if (!left)
      throw Error(fmt::format("--only {}: {} is {} in cell {}, which is no number", condition.text,
                              condition.option, *value, label(matrix, cell)));
    return compare(condition.relation, *left, *right);
  }
  // A path may be written as in the file or as it is seen from here.
  const bool equal =
      value && (same_value(*value, condition.value) ||
                same_value(*value, rules.located({condition.option, condition.value, "", {}},
                                                 matrix.folder())));
  return equal == (condition.relation == Relation::equal);
}

}  // namespace

std::vector<CellCondition> parse_conditions(std::string_view text, std::string_view what,
                                            const RunRules& rules) {
  const std::vector<std::string> names = rules.names({});
  std::vector<CellCondition> all;
  for (const std::string_view piece : split_list(text)) {
    CellCondition condition = split_condition(piece);
    const bool is_known = std::ranges::find(names, condition.option) != names.end();
    // As in straggler=bimodal:p=0.05,factor=20.
    const bool goes_on = !all.empty() && all.back().value.find(':') != std::string::npos;
    if (!is_known && goes_on) {
      all.back().value += fmt::format(",{}", piece);
      all.back().text += fmt::format(",{}", piece);
      continue;
    }
    if (condition.option.empty())
      throw Error(
          fmt::format("{}: \"{}\" is no condition; expected OPTION=VALUE, or !=, <, <=, >, "
                      ">=, separated by commas",
                      what, piece));
    if (!is_known) {
      const auto nearest = nearest_name(condition.option, names);
      throw Error(fmt::format("{}: {}: unknown option; {}", what, condition.option,
                              nearest ? fmt::format("did you mean {}?", *nearest) : "see --help"));
    }
    if (is_ordered(condition.relation) && !number_in(condition.value))
      throw Error(fmt::format("{}: {}: \"{}\" is no number; expected one after <, <=, > or >=",
                              what, condition.option, condition.value));
    all.push_back(std::move(condition));
  }
  return all;
}

bool holds(const std::vector<CellCondition>& conditions, const MatrixFile& matrix,
           const MatrixCell& cell, const RunRules& rules) {
  return std::ranges::all_of(conditions, [&](const CellCondition& condition) {
    return holds(condition, matrix, cell, rules);
  });
}

CellShard parse_shard(std::string_view text, std::string_view what) {
  const std::size_t slash = text.find('/');
  if (slash == text.npos)
    throw Error(fmt::format("{}: {} is no shard; expected K/N, as in 2/8", what, text));
  CellShard shard;
  shard.of = static_cast<int>(parse_integer(text.substr(slash + 1), what, 1, 1'000'000));
  shard.number = static_cast<int>(parse_integer(text.substr(0, slash), what, 1, shard.of));
  return shard;
}

}  // namespace laggard
