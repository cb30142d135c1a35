#include "core/io/option_spec.hpp"

#include "core/io/error.hpp"
#include "core/io/nearest.hpp"
#include "core/io/parse.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace laggard {
namespace {

constexpr double kLargestInteger = 9.2e18;  // below the largest std::int64_t
constexpr double kInfinite = std::numeric_limits<double>::infinity();
// Bounds of integers that are there for want of a better one are not shown.
constexpr double kMany = 1e9;

std::int64_t to_integer(double bound) {
  return static_cast<std::int64_t>(std::clamp(bound, -kLargestInteger, kLargestInteger));
}

std::string expected(const Range& range) {
  const std::string text = describe(range);
  const bool starts_bare = text.front() != '>' && text.front() != 'a';
  return fmt::format("expected a number {}{}", starts_bare ? "from " : "", text);
}

// A bound that is there for want of a better one is none, but infinity itself is a value only where
// it is the bound.
Range range_of(const OptionSpec& option) {
  constexpr double kUnbounded = 1e300;
  return {option.min, option.max >= kUnbounded ? kInfinite : option.max, option.min_excluded,
          option.max_excluded, std::isinf(option.max) ? "inf" : ""};
}

const OptionValue& value_of(const OptionValues& values, const std::string& name) {
  const auto found = values.find(name);
  LAGGARD_ASSERT(found != values.end(), "option " + name + " was not settled");
  return found->second;
}

}  // namespace

std::string describe(const Range& range) {
  std::string text;
  if (std::isfinite(range.min) && std::isfinite(range.max)) {
    if (range.max_excluded) {
      text = fmt::format("{} {} and below {}", range.min_excluded ? "above" : "at least", range.min,
                         range.max);
    } else {
      text = range.min_excluded ? fmt::format("above {}, at most {}", range.min, range.max)
                                : fmt::format("{} to {}", range.min, range.max);
    }
  } else {
    text = fmt::format("{} {}", range.min_excluded ? ">" : ">=", range.min);
  }
  if (!range.infinite.empty()) text += fmt::format(" or {}", range.infinite);
  return text;
}

double parse_in(const Range& range, std::string_view text, std::string_view what) {
  if (!range.infinite.empty() && (text == range.infinite || text == "inf")) return kInfinite;
  double value = 0;
  try {
    value = parse_real(text, what, -kInfinite, kInfinite, true);
  } catch (const Error&) {
    double beyond = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, beyond);
    const bool is_number = error == std::errc::result_out_of_range && rest == end;
    throw Error(fmt::format("{}: {} is {}; {}", what, text,
                            is_number ? "beyond what a double holds" : "not a number",
                            expected(range)));
  }
  const bool below = range.min_excluded ? value <= range.min : value < range.min;
  const bool above = range.max_excluded ? value >= range.max : value > range.max;
  if (below || above || std::isinf(value)) {
    throw Error(fmt::format("{}: {} is out of range; {}", what, text, expected(range)));
  }
  return value;
}

std::size_t parse_choice(std::string_view text, std::string_view what,
                         std::span<const std::string> names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (text == names[i]) return i;
  }
  const auto nearest = nearest_name(text, names);
  throw Error(fmt::format("{}: {} is not known; {}expected {}", what, text,
                          nearest ? fmt::format("did you mean {}? ", *nearest) : "",
                          fmt::join(names, ", ")));
}

std::int64_t integer_value(const OptionValues& values, const std::string& name, std::int64_t none) {
  const OptionValue& value = value_of(values, name);
  return std::holds_alternative<std::string>(value) ? none : std::get<std::int64_t>(value);
}

double real_value(const OptionValues& values, const std::string& name) {
  const OptionValue& value = value_of(values, name);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  return std::get<double>(value);
}

std::optional<double> optional_real(const OptionValues& values, const std::string& name) {
  if (std::holds_alternative<std::string>(value_of(values, name))) return std::nullopt;
  return real_value(values, name);
}

const std::string& text_value(const OptionValues& values, const std::string& name) {
  return std::get<std::string>(value_of(values, name));
}

std::string to_text(const OptionValue& value) {
  return std::visit([](const auto& v) { return fmt::format("{}", v); }, value);
}

const OptionSpec* find_option(std::span<const OptionSpec> options, std::string_view name) {
  const auto found = std::find_if(options.begin(), options.end(),
                                  [&](const OptionSpec& o) { return o.name == name; });
  return found == options.end() ? nullptr : &*found;
}

namespace {

// Without its word.
OptionValue parse_plain(const OptionSpec& option, std::string_view text, std::string_view what) {
  switch (option.type) {
    case OptionType::integer:
      return parse_integer(text, what, to_integer(option.min), to_integer(option.max));
    case OptionType::real:
      return parse_in(range_of(option), text, what);
    case OptionType::choice:
      return option.choices.at(parse_choice(text, what, option.choices));
    case OptionType::text:
      if (!option.canonical) return std::string(text);
      try {
        return option.canonical(text);
      } catch (const Error& error) {
        // What it calls the option is not what the user called it.
        const std::string_view message = error.what();
        const std::string own = "--" + option.name;
        const bool named = message.starts_with(own);
        throw Error(
            fmt::format("{}{}{}", what, named ? "" : ": ", message.substr(named ? own.size() : 0)));
      }
  }
  throw InvariantViolation("an option of no type");
}

}  // namespace

OptionValue parse_option(const OptionSpec& option, std::string_view text, std::string_view what) {
  if (option.word.empty()) return parse_plain(option, text, what);
  if (text == option.word) return std::string(text);
  try {
    return parse_plain(option, text, what);
  } catch (const Error& error) {
    throw Error(fmt::format("{}, or {}", error.what(), option.word));
  }
}

std::string describe_range(const OptionSpec& option) {
  if (option.type == OptionType::text) return "";
  if (option.type == OptionType::choice) return fmt::format("{}", fmt::join(option.choices, "|"));
  std::string text;
  if (option.type == OptionType::real) {
    Range range = range_of(option);
    range.infinite = "";
    text = describe(range);
  } else if (option.max >= kMany) {
    text = fmt::format(">= {}", option.min);
  } else {
    text = fmt::format("{} to {}", option.min, option.max);
  }
  return option.word.empty() ? text : fmt::format("{}, or {}", text, option.word);
}

bool has_effect(const OptionSpec& option, const OptionValues& values) {
  if (option.only_with.empty()) return true;
  const std::string value = to_text(value_of(values, option.only_with));
  return std::find(option.only_values.begin(), option.only_values.end(), value) !=
         option.only_values.end();
}

void fill_defaults(std::span<const OptionSpec> options, OptionValues& values) {
  for (const OptionSpec& option : options) {
    if (values.contains(option.name)) continue;
    // No number and no choice has a blank, no text a semicolon before one. Matrices come here often
    // enough for the price of an exception to show.
    const char* const not_plain = option.type == OptionType::text ? "; " : " ";
    if (option.default_text.find(not_plain) != std::string::npos) continue;
    try {
      values[option.name] = parse_option(option, option.default_text, "");
    } catch (const Error&) {
      // Not a plain value: its owner works it out.
    }
  }
}

}  // namespace laggard
