// Which runs are meant: "protocol=async,workers>=64".
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

enum class Relation { equal, unequal, less, at_most, greater, at_least };

struct Condition {
  std::string name;  // of an option, or of a column of results
  Relation relation = Relation::equal;
  std::string value;
  std::string text;  // as given

  // Whether it holds of `value`, what `name` is; nothing: it has no value, and so only != holds.
  // Numbers are equal as numbers, other text letter for letter. Where there is an order, what is no
  // number is never less nor greater.
  bool holds(const std::optional<std::string>& actual) const;
};

// All of them must hold; an empty one always holds.
using Filter = std::vector<Condition>;

// Conditions with =, !=, <, <=, > or >=, separated by commas; blanks around names and values do not
// count. A comma belongs to the value before it, as in straggler=bimodal:p=0.05,factor=20, where
// that has a colon and what follows is no condition on one of `names`. Throws Error, beginning with
// `what`, for what is no condition, a name that is not among `names`, and a value that is no number
// after <, <=, > or >=.
Filter parse_filter(std::string_view text, std::string_view what,
                    std::span<const std::string> names);

// `value_of`: what a name is, in one run.
bool holds(const Filter& filter,
           const std::function<std::optional<std::string>(const std::string& name)>& value_of);

// The number that the whole of `text` spells, infinities included; nothing if it spells none.
std::optional<double> spelt_number(std::string_view text);

}  // namespace laggard
