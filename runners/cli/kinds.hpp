// Makers of table entries for the common kinds of option. Ranges and defaults in the help come from
// the same numbers that parsing checks.
#pragma once

#include "core/io/error.hpp"
#include "core/io/option_spec.hpp"
#include "core/io/parse.hpp"
#include "core/task/types.hpp"
#include "runners/cli/option.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json/serialize.hpp>

#include <cmath>
#include <optional>
#include <type_traits>
#include <utility>

namespace laggard::cli {

inline constexpr Range kNonNegative{};
inline constexpr Range kPositiveOrInfinite{.min_excluded = true, .infinite = "inf"};

// Bounds of integers that are there for want of a better one are not shown.
inline constexpr std::int64_t kMany = 1'000'000'000;

std::string describe_integer(std::int64_t min, std::int64_t max);
boost::json::value print_in(const Range& range, double value);
// Nothing for "none". Throws Error beginning with `what`.
std::optional<double> parse_or_none(const Range& range, std::string_view text,
                                    std::string_view what);
// As the help shows it.
std::string default_of(const boost::json::value& value);

// Any text but none. Throws Error without naming the option.
std::string as_given(std::string_view text);

// Calls make() and has its Errors begin with `what` in the place of --option.
template <class Make>
auto naming(std::string_view what, std::string_view option, Make make) {
  try {
    return make();
  } catch (const Error& error) {
    const std::string_view message = error.what();
    const std::string prefix = fmt::format("--{}", option);
    if (!message.starts_with(prefix)) throw Error(fmt::format("{}: {}", what, message));
    throw Error(fmt::format("{}{}", what, message.substr(prefix.size())));
  }
}

template <class Value>
struct Unwrapped {
  using Type = Value;
};
template <class Value>
struct Unwrapped<std::optional<Value>> {
  using Type = Value;
};

// `at` is a function from a configuration, const or not, to a pointer to the option's value in it:
// [](auto& c) { return &c.network.latency; }.
template <class Config>
struct Kinds {
  template <class At>
  using Value = std::remove_pointer_t<std::invoke_result_t<At, Config&>>;

  // The default in the help is what the default configuration prints.
  static Option<Config> finish(Option<Config> option) {
    const Config usual;
    if (option.default_text.empty() && !option.is_flag())
      option.default_text = default_of(option.print(usual));
    return option;
  }

  // Of an integer, or an optional one.
  template <class At>
  static Option<Config> integer(OptionText text, At at, std::int64_t min, std::int64_t max) {
    Option<Config> option{std::move(text), {}, {}};
    option.range = describe_integer(min, max);
    option.number = NumberKind::integer;
    option.parse = [=](Config& config, std::string_view given, std::string_view what) {
      using Number = typename Unwrapped<Value<At>>::Type;
      *at(config) = static_cast<Number>(parse_integer(given, what, min, max));
    };
    option.print = [=](const Config& config) -> boost::json::value {
      const auto& value = *at(config);
      if constexpr (!std::is_same_v<Value<At>, typename Unwrapped<Value<At>>::Type>) {
        if (!value) return nullptr;
        return *value;
      } else {
        return value;
      }
    };
    return finish(std::move(option));
  }

  template <class At>
  static Option<Config> real(OptionText text, At at, Range range) {
    Option<Config> option{std::move(text), {}, {}};
    option.range = describe(range);
    option.number = NumberKind::real;
    option.parse = [=](Config& config, std::string_view given, std::string_view what) {
      *at(config) = parse_in(range, given, what);
    };
    option.print = [=](const Config& config) { return print_in(range, *at(config)); };
    return finish(std::move(option));
  }

  // An optional number: `none` is there too, and stands for nothing.
  template <class At>
  static Option<Config> maybe_real(OptionText text, At at, Range range) {
    Option<Config> option{std::move(text), {}, {}};
    option.default_text = "none";
    option.range = fmt::format("{} or none", describe(range));
    option.number = NumberKind::real;
    option.parse = [=](Config& config, std::string_view given, std::string_view what) {
      *at(config) = parse_or_none(range, given, what);
    };
    option.print = [=](const Config& config) -> boost::json::value {
      if (!*at(config)) return nullptr;
      return **at(config);
    };
    return option;
  }

  // A Time, given and printed in seconds.
  template <class At>
  static Option<Config> seconds(OptionText text, At at, Range range) {
    Option<Config> option{std::move(text), {}, {}};
    option.range = describe(range);
    option.number = NumberKind::real;
    option.parse = [=](Config& config, std::string_view given, std::string_view what) {
      const double value = parse_in(range, given, what);
      const Time time = from_seconds(value);
      if (value > 0 && time == Time{})
        throw Error(
            fmt::format("{}: {} is less than a nanosecond; expected at least 1e-9", what, given));
      *at(config) = time;
    };
    option.print = [=](const Config& config) {
      const Time time = *at(config);
      return print_in(range, time == kForever ? kInfinity : to_seconds(time));
    };
    return finish(std::move(option));
  }

  // An enumeration whose values are 0, 1, ... in the order of `names`, bool for two names, or an
  // std::optional of these.
  template <class At>
  static Option<Config> choice(OptionText text, At at, std::vector<std::string> names) {
    Option<Config> option{std::move(text), {}, {}};
    if (option.metavar.empty()) option.metavar = fmt::format("{}", fmt::join(names, "|"));
    option.values = names;
    option.parse = [=](Config& config, std::string_view given, std::string_view what) {
      const std::size_t chosen = parse_choice(given, what, names);
      if constexpr (requires { at(config)->value(); })
        *at(config) = static_cast<typename Value<At>::value_type>(chosen);
      else
        *at(config) = static_cast<Value<At>>(chosen);
    };
    option.print = [=](const Config& config) -> boost::json::value {
      const auto name = [&](auto value) {
        return boost::json::string(names.at(static_cast<std::size_t>(value)));
      };
      if constexpr (requires { at(config)->value(); }) {
        if (!*at(config)) return nullptr;
        return name(**at(config));
      } else {
        return name(*at(config));
      }
    };
    return finish(std::move(option));
  }

  // `canonical` checks the text and returns what is kept. Throws Error without naming the option.
  template <class At, class Canonical>
  static Option<Config> text(OptionText heading, At at, Canonical canonical) {
    Option<Config> option{std::move(heading), {}, {}};
    option.parse = [=, name = option.name](Config& config, std::string_view given,
                                           std::string_view what) {
      *at(config) = naming(what, name, [&] { return canonical(given); });
    };
    option.print = [=](const Config& config) -> boost::json::value {
      const std::string value(*at(config));
      if (value.empty()) return nullptr;
      return boost::json::string(value);
    };
    return finish(std::move(option));
  }

  template <class At>
  static Option<Config> flag(OptionText text, At at) {
    Option<Config> option{std::move(text), {}, {}};
    option.parse = [=](Config& config, std::string_view given, std::string_view what) {
      if (given != "true" && given != "false")
        throw Error(
            fmt::format("{}: {} is no value of a flag; expected true or false", what, given));
      *at(config) = given == "true";
    };
    option.print = [=](const Config& config) -> boost::json::value { return *at(config); };
    return option;
  }
};

}  // namespace laggard::cli
