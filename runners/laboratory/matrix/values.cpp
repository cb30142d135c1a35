#include "runners/laboratory/matrix/values.hpp"

#include <charconv>

namespace laggard {

std::optional<double> number_in(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = end == text.data() + text.size();
  const bool figures = text.find_first_of("0123456789") != text.npos;  // no inf, no nan
  if (error != std::errc() || !whole || !figures) return std::nullopt;
  return value;
}

bool same_value(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const std::optional<double> left = number_in(a), right = number_in(b);
  return left && right && *left == *right;
}

}  // namespace laggard
