#include "runners/runner/describe.hpp"

#include "core/method/method.hpp"
#include "core/method/stopping.hpp"
#include "core/results/rows.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cmath>
#include <vector>

namespace laggard {
namespace {

std::string fleet_text(const RunConfig& config, const RunInfo& info) {
  static constexpr std::array kinds = {"simulated", "threads", "processes on the local endpoint",
                                       "AWS Lambda", "external processes"};
  std::string kind = kinds[static_cast<std::size_t>(config.fleet.kind)];
  if (config.fleet.kind == FleetKind::sim) kind += " as " + config.fleet.model;
  return fmt::format("{}, {} worker{}, {} shard{}, straggler {}, seed {}", kind, info.workers,
                     info.workers == 1 ? "" : "s", info.shards, info.shards == 1 ? "" : "s",
                     info.straggler, config.fleet.seed);
}

std::string limits_text(const RunConfig& config) {
  const SessionOptions& session = config.session;
  std::vector<std::string> limits;
  if (session.max_rounds) limits.push_back(fmt::format("{} rounds", *session.max_rounds));
  if (session.max_tasks) limits.push_back(fmt::format("{} tasks", *session.max_tasks));
  if (session.max_passes < kInfinity)
    limits.push_back(fmt::format("{} passes", session.max_passes));
  if (session.time_limit < kForever)
    limits.push_back(fmt::format("{} s", to_seconds(session.time_limit)));
  return fmt::format("{}", fmt::join(limits, " or "));
}

std::string rule_text(const RunConfig& config) {
  switch (config.session.stopping.rule) {
    case StopRule::certified:
      return fmt::format("certified gap {:g}", config.session.stopping.eps_gap);
    case StopRule::boyd:
      return fmt::format("boyd {:g}, {:g}", config.session.stopping.eps_abs,
                         config.session.stopping.eps_rel);
    case StopRule::paper:
      return fmt::format("paper {:g}, {:g}", config.session.stopping.eps_primal,
                         config.session.stopping.eps_dual);
    case StopRule::absolute:
      return fmt::format("absolute {:g}, {:g}", config.session.stopping.eps_primal,
                         config.session.stopping.eps_dual);
    case StopRule::none:
      return "";
  }
  return "";
}

std::string stop_rules_text(const RunConfig& config) {
  std::string text = rule_text(config);
  if (config.session.target_gap) {
    text += fmt::format("{}gap {:g}", text.empty() ? "" : ", or ", *config.session.target_gap);
  }
  return fmt::format("{}{}at most {}", text, text.empty() ? "" : "; ", limits_text(config));
}

std::string protocol_text(const RunConfig& config) {
  std::string text = config.protocol.name;
  for (const auto& [name, value] : config.setup.values)
    text += fmt::format(" {}={}", name, to_text(value));
  return text;
}

// With the options that are not at their defaults.
std::string method_text(const RunConfig& config) {
  std::string text = config.method.name;
  for (const OptionSpec& option : methods().find(config.method.name)->second.options) {
    const std::string value = to_text(config.method.options.at(option.name));
    if (value != option.default_text) text += fmt::format(" {}={}", option.name, value);
  }
  return text;
}

}  // namespace

std::string number_text(double value, int digits) {
  return std::isfinite(value) ? fmt::format("{:.{}g}", value, digits) : "-";
}

std::string bytes_text(std::int64_t bytes) {
  constexpr std::array kUnits = {"B", "kB", "MB", "GB", "TB", "PB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 999.5 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  return fmt::format("{:.3g} {}", value, kUnits[unit]);
}

std::string seconds_text(double seconds) {
  if (!std::isfinite(seconds)) return "-";
  if (seconds >= 999.5) return fmt::format("{:.0f} s", seconds);
  if (seconds >= 1 || seconds == 0) return fmt::format("{:.3g} s", seconds);
  if (seconds >= 1e-3) return fmt::format("{:.3g} ms", seconds * 1e3);
  return fmt::format("{:.3g} us", seconds * 1e6);
}

std::string header_text(const RunConfig& config, const RunInfo& info) {
  std::string text = fmt::format(
      "problem    {}: {} samples x {} features, {} nonzeros; {}, {}\n"
      "protocol   {}; {}\n"
      "fleet      {}\n"
      "stop       {}\n",
      info.data_name, info.samples, info.features, info.nonzeros, config.problem.loss,
      config.problem.regularizer, protocol_text(config), method_text(config),
      fleet_text(config, info), stop_rules_text(config));
  if (std::isfinite(info.reference_objective)) {
    const std::string origin = std::isfinite(info.reference_kkt)
                                   ? fmt::format("kkt {:.1e}{}", info.reference_kkt,
                                                 info.reference_cached ? ", from the cache" : "")
                               : info.reference_cached ? "from the cache"
                                                       : "as given";
    text += fmt::format("reference  {} ({})\n", info.reference_objective, origin);
  }
  return text;
}

std::string stop_text(const RunConfig& config, const Summary& summary) {
  const std::string after =
      fmt::format("after {} round{}", summary.rounds, summary.rounds == 1 ? "" : "s");
  std::string text;
  switch (summary.stop) {
    case StopReason::converged:
      text = fmt::format("converged {}: the certified gap is {:.3g}", after, summary.certified_gap);
      break;
    case StopReason::rule_holds:
      text = fmt::format("stopped {}: the rule {} holds, certified gap {}", after,
                         to_string(config.session.stopping.rule),
                         number_text(summary.certified_gap, 3));
      break;
    case StopReason::target_gap:
      text = fmt::format("converged {}: the gap is at most {}", after,
                         config.session.target_gap.value_or(kNaN));
      break;
    case StopReason::max_rounds:
      text = fmt::format("stopped {}: the limit of rounds", after);
      break;
    case StopReason::max_tasks:
      text = fmt::format("stopped {}: the limit of tasks", after);
      break;
    case StopReason::max_passes:
      text = fmt::format("stopped {}: the limit of passes", after);
      break;
    case StopReason::time_limit:
      text = fmt::format("stopped {}: the time limit of {} s", after,
                         to_seconds(config.session.time_limit));
      break;
    case StopReason::budget:
      text = fmt::format("stopped {}: no more may be spent", after);
      break;
    case StopReason::diverged:
      text = fmt::format("diverged {}", after);
      break;
    case StopReason::not_finite:
      text = fmt::format("met a number that is not finite {}", after);
      break;
    case StopReason::interrupted:
      text = fmt::format("interrupted {}", after);
      break;
    case StopReason::fleet_failed:
      text = fmt::format("the fleet failed {}", after);
      break;
  }
  if (!summary.detail.empty()) text += "; " + summary.detail;
  return text;
}

// What the workers' lives came to and cost; nothing where the fleet knows of neither.
std::string cost_text(const Summary& summary) {
  const WorkerRow all = total(summary.workers);
  if (all.starts == 0 && !summary.cost) return {};
  std::string text = "cost       ";
  if (const auto& cost = summary.cost) {
    text += fmt::format("{:.3g} GB s {}, ",
                        cost->billed_gb_seconds.value_or(cost->estimated_gb_seconds),
                        cost->billed_gb_seconds ? "billed" : "estimated");
    if (cost->billed_gb_seconds && cost->unbilled > 0)
      text += fmt::format("{:.3g} GB s of {} without a bill, ", cost->unbilled_gb_seconds,
                          cost->unbilled);
    text += fmt::format("{} requests, {:.2g} $ at list price; ", cost->requests, cost->dollars);
  }
  return text + fmt::format("{} start{}, {} handed over, {} lost\n", all.starts,
                            all.starts == 1 ? "" : "s", all.hand_overs, all.losses);
}

std::string summary_text(const RunConfig& config, const RunResult& result) {
  const Summary& summary = result.summary;
  std::string gap;
  if (std::isfinite(summary.last.gap)) gap = fmt::format("   gap {:.3g}", summary.last.gap);
  if (std::isfinite(summary.certified_gap))
    gap += fmt::format("   certified gap {:.3g}", summary.certified_gap);
  std::string text = fmt::format("objective  {}{}\n", number_text(summary.last.objective, 12), gap);
  text += fmt::format("kkt        {}   nonzeros {} of {}\n", number_text(summary.kkt, 3),
                      summary.nonzeros, result.info.features);
  text += fmt::format("time       {} {}: start-up {}, solving {}; wall {}\n",
                      config.fleet.kind == FleetKind::sim ? "virtual" : "fleet",
                      seconds_text(summary.fleet_seconds), seconds_text(summary.startup_seconds),
                      seconds_text(summary.fleet_seconds - summary.startup_seconds),
                      seconds_text(summary.wall_seconds));
  text += fmt::format("workers    computed {} in all", seconds_text(summary.compute_seconds));
  if (summary.pause_seconds > 0)
    text += fmt::format(", paused {}", seconds_text(summary.pause_seconds));
  text += '\n';
  text += fmt::format("traffic    {} up, {} down\n", bytes_text(summary.bytes_up),
                      bytes_text(summary.bytes_down));
  text += fmt::format("work       {} tasks, {} wasted; {} passes over the data\n", summary.tasks,
                      summary.tasks_wasted, number_text(summary.passes, 4));
  return text + cost_text(summary);
}

std::string table_heading() {
  return fmt::format("{:>6} {:>10} {:>16} {:>10} {:>9} {:>9} {:>6} {:>6}", "round", "time",
                     "objective", "gap", "primal", "dual", "rho", "taken");
}

std::string table_row(const RoundRow& row) {
  return fmt::format("{:>6} {:>10} {:>16} {:>10} {:>9} {:>9} {:>6} {:>6}", row.round,
                     seconds_text(to_seconds(row.at)), number_text(row.objective, 10),
                     number_text(row.gap, 3), number_text(row.primal, 3), number_text(row.dual, 3),
                     number_text(row.rho, 3), row.accepted);
}

std::string plain_row(const RoundRow& row) {
  std::string text = fmt::format("round={} time=", row.round);
  append_seconds(text, row.at);
  const auto add = [&](std::string_view name, double value) {
    if (std::isfinite(value)) text += fmt::format(" {}={}", name, value);
  };
  add("objective", row.objective);
  add("gap", row.gap);
  add("primal", row.primal);
  add("dual", row.dual);
  add("rho", row.rho);
  return text + fmt::format(" accepted={} discarded={}", row.accepted, row.discarded);
}

}  // namespace laggard
