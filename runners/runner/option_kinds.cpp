#include "runners/runner/option_kinds.hpp"

#include <boost/json/serialize.hpp>

#include <cmath>

namespace laggard::option_kinds {
namespace json = boost::json;

std::string describe_integer(std::int64_t min, std::int64_t max) {
  return max < kMany ? fmt::format("{} to {}", min, max) : fmt::format(">= {}", min);
}

json::value print_in(const Range& range, double value) {
  if (std::isinf(value)) return json::string(range.infinite);
  return value;
}

Option finish(Option option) {
  if (!option.default_text.empty() || option.is_flag()) return option;
  const json::value value = option.print(RunConfig{});
  if (value.is_string()) {
    option.default_text = value.get_string();
  } else if (value.is_double()) {
    option.default_text = fmt::format("{}", value.get_double());
  } else if (!value.is_null()) {
    option.default_text = json::serialize(value);
  }
  return option;
}

Option real(Heading heading, double RunConfig::* member, Range range) {
  Option option{
      heading.name, heading.group, heading.metavar, describe(range), "", heading.help, {}, {}};
  option.parse = [=](RunConfig& config, std::string_view text, std::string_view what) {
    config.*member = parse_in(range, text, what);
  };
  option.print = [=](const RunConfig& config) { return print_in(range, config.*member); };
  return finish(std::move(option));
}

Option text(Heading heading, std::string RunConfig::* member,
            std::function<std::string(std::string_view)> canonical, std::string default_text) {
  Option option{heading.name,
                heading.group,
                heading.metavar,
                "",
                std::move(default_text),
                heading.help,
                {},
                {}};
  option.parse = [=, name = heading.name](RunConfig& config, std::string_view given,
                                          std::string_view what) {
    config.*member = naming(what, name, [&] { return canonical(given); });
  };
  option.print = [=](const RunConfig& config) -> json::value {
    if ((config.*member).empty()) return nullptr;
    return json::string(config.*member);
  };
  return finish(std::move(option));
}

Option flag(Heading heading, bool RunConfig::* member) {
  Option option{heading.name, heading.group, "", "", "", heading.help, {}, {}};
  option.parse = [=](RunConfig& config, std::string_view given, std::string_view what) {
    if (given != "true" && given != "false") {
      throw Error(fmt::format("{}: {} is no value of a flag; expected true or false", what, given));
    }
    config.*member = given == "true";
  };
  option.print = [=](const RunConfig& config) -> json::value { return config.*member; };
  return option;
}

}  // namespace laggard::option_kinds
