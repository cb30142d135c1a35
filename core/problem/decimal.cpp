#include "core/problem/decimal.hpp"

namespace laggard::detail {
namespace {

// Whether the number lies above 1, given that it is far from it. `text` is digits[.digits][e..].
bool is_large(const char* text, const char* end) {
  std::int64_t before_point = 0;  // digits from the first non-zero one on
  std::int64_t zeros_behind = 0;  // zeros between the point and the first non-zero digit
  bool seen_point = false;
  bool significant = false;
  const char* p = text;
  for (; p < end && *p != 'e' && *p != 'E'; ++p) {
    if (*p == '.') {
      seen_point = true;
      continue;
    }
    significant = significant || *p != '0';
    if (significant && !seen_point) ++before_point;
    if (!significant && seen_point) ++zeros_behind;
  }
  std::int64_t exponent = 0;
  bool negative = false;
  for (; p < end; ++p) {
    if (*p == '-') negative = true;
    if (is_digit(*p) && exponent < std::int64_t{1} << 40) exponent = 10 * exponent + (*p - '0');
  }
  return before_point - zeros_behind + (negative ? -exponent : exponent) > 0;
}

}  // namespace

const char* parse_decimal_slowly(const char* text, const char* limit, double& value) {
  // A second sign is no number, though std::from_chars would take a minus.
  if (*text == '-') return nullptr;
  const auto [end, error] = std::from_chars(text, limit, value);
  if (error == std::errc::invalid_argument) return nullptr;
  if (error == std::errc::result_out_of_range) {
    value = is_large(text, end) ? std::numeric_limits<double>::infinity() : 0.0;
  }
  return end;
}

}  // namespace laggard::detail
