// Options that describe themselves: what a protocol or a method adds to the command line.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace laggard {

// The numbers that a real option may be.
struct Range {
  double min = 0;
  double max = std::numeric_limits<double>::infinity();
  bool min_excluded = false;
  bool max_excluded = false;
  std::string_view infinite = "";  // how infinity is written ("inf", "none"); empty: it is refused
};

// "0 to 1", "> 0", "above 0 and below 2".
std::string describe(const Range& range);
// Throws Error beginning with `what`.
double parse_in(const Range& range, std::string_view text, std::string_view what);
// The position of `text` in `names`. Throws Error beginning with `what` that offers the nearest.
std::size_t parse_choice(std::string_view text, std::string_view what,
                         std::span<const std::string> names);

enum class OptionType {
  integer,
  real,
  choice,
  text,
};

struct OptionSpec {
  std::string name;  // without dashes, e.g. "min-arrivals"
  OptionType type = OptionType::integer;
  double min = 0;  // range of numbers, inclusive
  double max = 0;
  std::vector<std::string> choices = {};  // of a choice
  std::string default_text = {};          // a value, or what stands in its place: "max(1, W/8)"
  std::string help = {};                  // one line
  std::string word = {};  // of a number: a word that is a value too, as "none" or "auto"
  bool min_excluded = false;
  bool max_excluded = false;
  // Of a text: checks it and returns what is kept. Throws Error without naming the option.
  std::string (*canonical)(std::string_view) = nullptr;
  // It has an effect only where this option of the same owner, a choice or a text, has one of these
  // values. Empty: always.
  std::string only_with = {};
  std::vector<std::string> only_values = {};
};

using OptionValue = std::variant<std::int64_t, double, std::string>;
using OptionValues = std::map<std::string, OptionValue>;  // by name

// The value of an option that is there. Integers read as reals too; the option's word reads as
// `none`.
std::int64_t integer_value(const OptionValues& values, const std::string& name,
                           std::int64_t none = 0);
double real_value(const OptionValues& values, const std::string& name);
// Nothing for the option's word.
std::optional<double> optional_real(const OptionValues& values, const std::string& name);
const std::string& text_value(const OptionValues& values, const std::string& name);
// As the command line would have it.
std::string to_text(const OptionValue& value);

// Null if there is none of that name.
const OptionSpec* find_option(std::span<const OptionSpec> options, std::string_view name);

// Reads a value by the option's type and range. Throws Error beginning with `what`.
OptionValue parse_option(const OptionSpec& option, std::string_view text, std::string_view what);

// What the value may be, for --help: "1 to 100", "a|b".
std::string describe_range(const OptionSpec& option);

// Whether the option has an effect beside these values of its owner's options.
bool has_effect(const OptionSpec& option, const OptionValues& values);

// Gives options that are not in `values` their defaults, where those are plain values.
void fill_defaults(std::span<const OptionSpec> options, OptionValues& values);

}  // namespace laggard
