#include "runners/laboratory/matrix/selection.hpp"

#include "core/io/error.hpp"
#include "core/io/parse.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace laggard {

Filter parse_only(std::string_view text, std::string_view what, const RunRules& rules) {
  const std::vector<std::string> names = rules.names({});
  return parse_filter(text, what, names);
}

bool holds(const Filter& filter, const MatrixFile& matrix, const MatrixCell& cell,
           const RunRules& rules) {
  return std::ranges::all_of(filter, [&](Condition condition) {
    const auto given = std::ranges::find(cell.settings, condition.name, &Setting::name);
    if (given == cell.settings.end())
      return condition.holds(rules.value_in_force(condition.name, cell.settings));
    // A path may be written as in the file or as it is seen from here.
    if (given->value != condition.value)
      condition.value = rules.located({condition.name, condition.value, "", {}}, matrix.folder());
    return condition.holds(given->value);
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
