// Makers of table entries for the common kinds of option. Ranges and defaults in --help come from
// the same numbers that parsing checks.
#pragma once

#include "core/io/error.hpp"
#include "core/io/option_spec.hpp"
#include "core/io/parse.hpp"
#include "runners/runner/options.hpp"

#include <fmt/format.h>

#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace laggard::option_kinds {

// Name, group and help: what every maker starts from.
struct Heading {
  std::string name;
  OptionGroup group;
  std::string metavar;
  std::string help;
};

inline constexpr Range kNonNegative{};

// Bounds of integers that are there for want of a better one are not shown.
inline constexpr std::int64_t kMany = 1'000'000'000;

std::string describe_integer(std::int64_t min, std::int64_t max);
boost::json::value print_in(const Range& range, double value);

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

// The default in --help is what the default configuration prints.
Option finish(Option option);

// T: int, std::uint64_t or std::optional<int>.
template <class T>
Option integer(Heading heading, T RunConfig::* member, std::int64_t min, std::int64_t max,
               std::string default_text = "") {
  Option option{heading.name,
                heading.group,
                heading.metavar,
                describe_integer(min, max),
                std::move(default_text),
                heading.help,
                {},
                {}};
  option.parse = [=](RunConfig& config, std::string_view text, std::string_view what) {
    using Value = std::conditional_t<std::is_same_v<T, std::optional<int>>, int, T>;
    config.*member = static_cast<Value>(parse_integer(text, what, min, max));
  };
  option.print = [=](const RunConfig& config) -> boost::json::value {
    if constexpr (std::is_same_v<T, std::optional<int>>) {
      if (!(config.*member)) return nullptr;
      return *(config.*member);
    } else {
      return config.*member;
    }
  };
  return finish(std::move(option));
}

Option real(Heading heading, double RunConfig::* member, Range range);

// T: an enumeration whose values are 0, 1, ... in the order of `names`, or bool for two names.
template <class T>
Option choice(Heading heading, T RunConfig::* member, std::vector<std::string> names) {
  Option option{heading.name, heading.group, heading.metavar, "", "", heading.help, {}, {}};
  if (option.metavar.empty()) option.metavar = fmt::format("{}", fmt::join(names, "|"));
  option.parse = [=](RunConfig& config, std::string_view text, std::string_view what) {
    config.*member = static_cast<T>(parse_choice(text, what, names));
  };
  option.print = [=](const RunConfig& config) -> boost::json::value {
    return boost::json::string(names.at(static_cast<std::size_t>(config.*member)));
  };
  return finish(std::move(option));
}

// `canonical` checks the text and returns what is stored. Throws Error without naming the option.
Option text(Heading heading, std::string RunConfig::* member,
            std::function<std::string(std::string_view)> canonical, std::string default_text = "");

Option flag(Heading heading, bool RunConfig::* member);

}  // namespace laggard::option_kinds
