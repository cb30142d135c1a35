#include "runners/runner/option_specs.hpp"

#include "core/io/error.hpp"
#include "core/io/parse.hpp"
#include "runners/runner/option_kinds.hpp"

#include <fmt/format.h>

#include <cmath>
#include <vector>

namespace laggard::option_kinds {
namespace {

namespace json = boost::json;

const std::vector<std::string> kStopRules = {"boyd", "paper", "absolute", "none"};

void parse_service_time(RunConfig& config, std::string_view text, std::string_view what) {
  const auto comma = text.find(',');
  const double message = parse_in(kNonNegative, text.substr(0, comma), what);
  const RunConfig defaults;
  double number = message == 0 ? 0 : defaults.service_seconds_per_number;
  if (comma != text.npos) number = parse_in(kNonNegative, text.substr(comma + 1), what);
  config.service_seconds = message;
  config.service_seconds_per_number = number;
}

}  // namespace

Option synthetic_option() {
  Option option{
      "synthetic", OptionGroup::problem,
      "SPEC",      "",
      "",          "an instance made from n=,d=,density=,nu=sample|class|feature|entry,seed=",
      {},          {}};
  option.parse = [](RunConfig& config, std::string_view text, std::string_view what) {
    config.synthetic = naming(what, "synthetic", [&] { return parse_synthetic(text); });
  };
  option.print = [](const RunConfig& config) -> json::value {
    if (!config.data.empty()) return nullptr;
    return json::string(config.synthetic.text());
  };
  return finish(std::move(option));
}

Option stop_option() {
  Option option{"stop",
                OptionGroup::stopping,
                "boyd|paper|absolute|none",
                "",
                "boyd; none with --target-gap",
                "rule of convergence",
                {},
                {}};
  option.parse = [](RunConfig& config, std::string_view text, std::string_view what) {
    config.stop = static_cast<StopRule>(parse_choice(text, what, kStopRules));
  };
  option.print = [](const RunConfig& config) -> json::value {
    if (!config.stop) return nullptr;
    return json::string(kStopRules.at(static_cast<std::size_t>(*config.stop)));
  };
  return option;
}

Option target_gap_option() {
  // Infinity stands for none: a gap that is always reached is nothing to ask for.
  const Range range{.min_excluded = true, .infinite = "none"};
  Option option{"target-gap", OptionGroup::stopping,
                "G",          describe(range),
                "none",       "stops at this relative gap to --reference",
                {},           {}};
  option.parse = [range](RunConfig& config, std::string_view text, std::string_view what) {
    config.target_gap = parse_in(range, text, what);
    if (std::isinf(*config.target_gap)) config.target_gap.reset();
  };
  option.print = [](const RunConfig& config) -> json::value {
    if (!config.target_gap) return nullptr;
    return *config.target_gap;
  };
  return option;
}

Option service_time_option() {
  Option option{"service-time",
                OptionGroup::fleet_model,
                "A,B",
                describe(kNonNegative),
                "",
                "seconds of the coordinator a message, and a number in it; 0 alone sets both, "
                "another A alone leaves B at its default",
                {},
                {}};
  option.parse = parse_service_time;
  option.print = [](const RunConfig& config) -> json::value {
    return json::string(
        fmt::format("{},{}", config.service_seconds, config.service_seconds_per_number));
  };
  return finish(std::move(option));
}

std::string canonical_reference(std::string_view text) {
  if (text == "none" || text == "auto") return std::string(text);
  try {
    return fmt::format("{}", parse_real(text, "", -kInfinity, kInfinity));
  } catch (const Error&) {
    throw Error(fmt::format("{} is not known; expected none, auto or a finite number", text));
  }
}

}  // namespace laggard::option_kinds
