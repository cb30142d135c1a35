// Arithmetic in the values of a matrix: "W/8", "max(1, min-arrivals/2)".
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace laggard {

// What is wrong with an expression, and at which byte of it.
struct ExpressionFault {
  std::size_t at = 0;
  std::string message;
};

// The value of a name; nothing if there is none of that name.
using ValueOfName = std::function<std::optional<double>(std::string_view name)>;

// Numbers, names, + - * /, parentheses, min(..), max(..), floor(.), ceil(.), sqrt(.). Names may
// hold dashes, as those of options do: in "W-tau", where neither has that name, it is a minus.
// Throws ExpressionFault.
double evaluate(std::string_view expression, const ValueOfName& value_of);

}  // namespace laggard
