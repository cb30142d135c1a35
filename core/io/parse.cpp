#include "core/io/parse.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

namespace laggard {
namespace {

constexpr int kShownCharacters = 60;

// `text` in quotes and on one line, shortened, with control characters escaped.
std::string quoted(std::string_view text) {
  std::string shown = "\"";
  for (const char c : text.substr(0, kShownCharacters)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      shown += fmt::format("\\x{:02x}", byte);
    } else {
      shown += c;
    }
  }
  return shown + (text.size() > kShownCharacters ? "...\"" : "\"");
}

// A number's own text needs no quotes unless it is long.
std::string shown_number(std::string_view text) {
  return text.size() <= kShownCharacters ? std::string(text) : quoted(text);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

struct Scientific {
  bool negative = false;
  std::string digits;         // of the mantissa, no leading zeros
  std::int64_t exponent = 0;  // value = digits 10^exponent
};

// Nothing if `text` is not [+-]digits[.digits]e[+-]digits or [+-]digits.
std::optional<Scientific> split_scientific(std::string_view text) {
  Scientific number;
  std::size_t at = 0;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) number.negative = text[at++] == '-';
  const std::size_t first = at;
  while (at < text.size() && is_digit(text[at])) number.digits += text[at++];
  if (at == first) return std::nullopt;
  bool has_point = false;
  if (at < text.size() && text[at] == '.') {
    has_point = true;
    const std::size_t fraction = ++at;
    while (at < text.size() && is_digit(text[at])) number.digits += text[at++];
    if (at == fraction) return std::nullopt;
    number.exponent = -static_cast<std::int64_t>(at - fraction);
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    if (++at < text.size() && text[at] == '+' && at + 1 < text.size() && is_digit(text[at + 1]))
      ++at;
    std::int32_t exponent = 0;
    const auto [rest, error] =
        std::from_chars(text.data() + at, text.data() + text.size(), exponent);
    if (error == std::errc::invalid_argument) return std::nullopt;
    if (error == std::errc::result_out_of_range) {
      exponent = text[at] == '-' ? std::numeric_limits<std::int32_t>::min()
                                 : std::numeric_limits<std::int32_t>::max();
    }
    number.exponent += exponent;
    at = static_cast<std::size_t>(rest - text.data());
  } else if (has_point) {
    return std::nullopt;
  }
  if (at != text.size()) return std::nullopt;
  number.digits.erase(0, number.digits.find_first_not_of('0'));
  return number;
}

// Moves the exponent into the digits. False if the value is not an integer.
bool make_integral(Scientific& number) {
  while (number.exponent < 0 && !number.digits.empty()) {
    if (number.digits.back() != '0') return false;
    number.digits.pop_back();
    ++number.exponent;
  }
  // Twenty digits are beyond every std::int64_t: no need to write out 1e999999999.
  while (number.exponent > 0 && !number.digits.empty() && number.digits.size() < 20) {
    number.digits += '0';
    --number.exponent;
  }
  return true;
}

std::string expected_integer(std::int64_t min, std::int64_t max) {
  const bool bounded_below = min != std::numeric_limits<std::int64_t>::min();
  const bool bounded_above = max != std::numeric_limits<std::int64_t>::max();
  if (bounded_below && bounded_above) return fmt::format("an integer from {} to {}", min, max);
  if (bounded_below) return fmt::format("an integer of at least {}", min);
  if (bounded_above) return fmt::format("an integer of at most {}", max);
  return "an integer of 64 bits";
}

std::string expected_real(double min, double max, bool allow_infinity) {
  constexpr double kLargest = std::numeric_limits<double>::max();
  const bool bounded_below = min > -kLargest;
  const bool bounded_above = max < kLargest;
  std::string range = allow_infinity ? "a number" : "a finite number";
  if (bounded_below && bounded_above) {
    range = fmt::format("a number from {} to {}", min, max);
  } else if (bounded_below) {
    range = fmt::format("{} of at least {}", range, min);
  } else if (bounded_above) {
    range = fmt::format("{} of at most {}", range, max);
  }
  return allow_infinity && !bounded_above ? range + ", or inf" : range;
}

}  // namespace

std::int64_t parse_integer(std::string_view text, std::string_view what, std::int64_t min,
                           std::int64_t max) {
  auto number = split_scientific(text);
  if (!number || !make_integral(*number)) {
    throw Error(fmt::format("{}: {} is not an integer; expected {}", what, quoted(text),
                            expected_integer(min, max)));
  }
  const std::string plain = fmt::format("{}{}", number->negative ? "-" : "",
                                        number->digits.empty() ? "0" : number->digits);
  std::int64_t value = 0;
  const auto [rest, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (error != std::errc() || value < min || value > max) {
    // Whoever came upon the end of what 64 bits hold is told where it is.
    const bool beyond = error != std::errc() && !number->negative;
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    throw Error(fmt::format("{}: {} is out of range; expected {}", what, shown_number(text),
                            beyond && max == most
                                ? fmt::format("an integer from {} to {}", min, most)
                                : expected_integer(min, max)));
  }
  return value;
}

double parse_real(std::string_view text, std::string_view what, double min, double max,
                  bool allow_infinity) {
  const std::string expected = expected_real(min, max, allow_infinity);
  const bool plus = text.size() > 1 && text[0] == '+' && (is_digit(text[1]) || text[1] == '.');
  const std::string_view unsigned_text = plus ? text.substr(1) : text;
  const char* const end = unsigned_text.data() + unsigned_text.size();
  double value = 0;
  const auto [rest, error] = std::from_chars(unsigned_text.data(), end, value);
  if (error == std::errc::invalid_argument || rest != end || std::isnan(value)) {
    throw Error(fmt::format("{}: {} is not a number; expected {}", what, quoted(text), expected));
  }
  const bool refused_infinity = std::isinf(value) && !allow_infinity;
  if (error != std::errc() || refused_infinity || value < min || value > max) {
    throw Error(
        fmt::format("{}: {} is out of range; expected {}", what, shown_number(text), expected));
  }
  return value;
}

}  // namespace laggard
