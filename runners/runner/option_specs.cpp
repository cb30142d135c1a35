#include "runners/runner/option_specs.hpp"

#include "core/io/error.hpp"
#include "core/io/parse.hpp"
#include "runners/cli/kinds.hpp"

#include <fmt/format.h>

#include <limits>
#include <vector>

namespace laggard::option_specs {
namespace {

namespace json = boost::json;
using cli::OptionText;
using Make = cli::Kinds<RunConfig>;

const std::vector<std::string> kStopRules = {"certified", "boyd", "paper", "absolute", "none"};

void parse_service_time(RunConfig& config, std::string_view text, std::string_view what) {
  const auto comma = text.find(',');
  const double message = parse_in(cli::kNonNegative, text.substr(0, comma), what);
  double number = message == 0 ? 0 : config.fleet.sim.network.service_seconds_per_number;
  if (comma != text.npos) number = parse_in(cli::kNonNegative, text.substr(comma + 1), what);
  config.fleet.sim.network.service_seconds = message;
  config.fleet.sim.network.service_seconds_per_number = number;
}

}  // namespace

RunOption synthetic_option() {
  RunOption option{{"synthetic", group::kProblem, "SPEC",
                    "an instance made from n=,d=,density=,nu=sample|class|feature|entry,seed="},
                   {},
                   {}};
  option.parse = [](RunConfig& config, std::string_view text, std::string_view what) {
    config.problem.synthetic =
        cli::naming(what, "synthetic", [&] { return parse_synthetic(text); });
  };
  option.print = [](const RunConfig& config) -> json::value {
    if (!config.problem.data.empty()) return nullptr;
    return json::string(config.problem.synthetic.text());
  };
  return Make::finish(std::move(option));
}

RunOption stop_option() {
  RunOption option{
      {"stop",
       group::kStopping,
       "certified|boyd|paper|absolute|none",
       "when a run has converged: certified proves it; the others ask the residuals alone",
       {},
       "certified; none with --target-gap",
       kStopRules},
      {},
      {}};
  option.parse = [](RunConfig& config, std::string_view text, std::string_view what) {
    config.session.stopping.rule = static_cast<StopRule>(parse_choice(text, what, kStopRules));
  };
  option.print = [](const RunConfig& config) -> json::value {
    return json::string(kStopRules.at(static_cast<std::size_t>(config.session.stopping.rule)));
  };
  return option;
}

RunOption target_gap_option() {
  return Make::maybe_real(
      {"target-gap", group::kStopping, "G", "stops at this relative gap to --reference"},
      [](auto& c) { return &c.session.target_gap; }, {.min_excluded = true});
}

RunOption target_loss_option() {
  return Make::maybe_real(
      {"target-loss", group::kStopping, "L",
       "stops at this mean loss over the rows that --validation holds out"},
      [](auto& c) { return &c.session.target_loss; }, cli::kNonNegative);
}

RunOption validation_option() {
  return Make::maybe_real(
      {"validation", group::kProblem, "R",
       "the share of the samples that is held out, for --target-loss; random ones"},
      [](auto& c) { return &c.problem.validation; },
      {.max = 1, .min_excluded = true, .max_excluded = true});
}

RunOption validation_seed_option() {
  return Make::integer(
      {"validation-seed", group::kProblem, "N", "drives which samples are held out"},
      [](auto& c) { return &c.problem.validation_seed; }, 0,
      std::numeric_limits<std::int64_t>::max());
}

RunOption service_time_option() {
  RunOption option{{"service-time", group::kFleetModel, "A,B",
                    "seconds of the coordinator a message, and a number in it; 0 alone sets both, "
                    "another A alone leaves B as the fleet model has it",
                    describe(cli::kNonNegative), "of the fleet model"},
                   {},
                   {}};
  option.parse = parse_service_time;
  option.print = [](const RunConfig& config) -> json::value {
    return json::string(fmt::format("{},{}", config.fleet.sim.network.service_seconds,
                                    config.fleet.sim.network.service_seconds_per_number));
  };
  return Make::finish(std::move(option));
}

RunOption faults_option() {
  RunOption option{{"faults",
                    group::kProcesses,
                    "SPEC",
                    "local: what goes wrong on purpose, as in kill=0.1,throttle=0.05,seed=2",
                    {},
                    "none"},
                   {},
                   {}};
  option.parse = [](RunConfig& config, std::string_view text, std::string_view what) {
    config.fleet.local.faults = cli::naming(what, "faults", [&] { return parse_faults(text); });
  };
  option.print = [](const RunConfig& config) -> json::value {
    const std::string text = to_text(config.fleet.local.faults);
    if (text.empty()) return nullptr;
    return json::string(text);
  };
  return option;
}

std::string canonical_reference(std::string_view text) {
  if (text == "none" || text == "auto") return std::string(text);
  try {
    return fmt::format("{}", parse_real(text, "", -kInfinity, kInfinity));
  } catch (const Error&) {
    throw Error(fmt::format("{} is not known; expected none, auto or a finite number", text));
  }
}

}  // namespace laggard::option_specs
