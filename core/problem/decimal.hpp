// Decimal numbers at the speed of reading them, rounded exactly as std::from_chars rounds.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <system_error>

namespace laggard {

namespace detail {

inline constexpr std::array<double, 23> kPowersOfTen = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

inline bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

// The number at `text`, without its sign, by std::from_chars. Where that says out of range, the
// result is what strtod gives: 0 for what is too small, infinity for what is too large.
const char* parse_decimal_slowly(const char* text, const char* limit, double& value);

}  // namespace detail

// Reads [+-]digits[.digits][e[+-]digits] (or inf, nan) at `text`. Returns the end of the number, or
// nullptr if there is none. The text ends at `limit`, where a character must stand that is not part
// of a number.
inline const char* parse_decimal(const char* text, const char* limit, double& value) {
  const char* p = text;
  const bool negative = *p == '-';
  if (*p == '-' || *p == '+') ++p;
  const char* const start = p;
  std::uint64_t mantissa = 0;
  while (detail::is_digit(*p)) mantissa = 10 * mantissa + static_cast<std::uint64_t>(*p++ - '0');
  auto digits = p - start;
  std::int64_t exponent = 0;
  if (*p == '.') {
    const char* const fraction = ++p;
    while (detail::is_digit(*p)) mantissa = 10 * mantissa + static_cast<std::uint64_t>(*p++ - '0');
    exponent = fraction - p;
    digits += p - fraction;
  }
  if ((*p == 'e' || *p == 'E') && digits > 0) {
    const char* q = p + 1;
    const bool negative_exponent = *q == '-';
    if (*q == '-' || *q == '+') ++q;
    if (detail::is_digit(*q)) {
      std::int64_t written = 0;
      for (; detail::is_digit(*q); ++q) {
        if (written < 100000) written = 10 * written + (*q - '0');
      }
      exponent += negative_exponent ? -written : written;
      p = q;
    }
  }
  // Both the mantissa and the power of ten are doubles exactly, so one operation rounds once. More
  // than 19 digits may have overflowed the mantissa.
  if (digits > 0 && digits <= 19 && mantissa <= (std::uint64_t{1} << 53) && exponent >= -22 &&
      exponent <= 22) {
    const auto exact = static_cast<double>(mantissa);
    value = exponent < 0 ? exact / detail::kPowersOfTen[static_cast<std::size_t>(-exponent)]
                         : exact * detail::kPowersOfTen[static_cast<std::size_t>(exponent)];
  } else {
    p = detail::parse_decimal_slowly(start, limit, value);
  }
  if (negative) value = -value;
  return p;
}

}  // namespace laggard
