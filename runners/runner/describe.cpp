#include "runners/runner/describe.hpp"

#include "core/method/method.hpp"
#include "core/method/stopping.hpp"
#include "runners/cli/program.hpp"
#include "runners/runner/timing_alone.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace laggard {
namespace {

// Appends what is told under a name, at most 80 columns wide.
void add(std::string& text, std::string_view name, const std::string& value) {
  constexpr std::size_t kColumn = 11;
  cli::wrap(text, std::string(name), value, kColumn);
}

std::string count_text(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

// Three digits, and no exponent where there are more before the point.
std::string amount_text(double value) {
  return value >= 999.5 ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
}

std::string fleet_text(const RunConfig& config, const RunInfo& info) {
  static constexpr std::array kinds = {"simulated", "threads", "processes on the local endpoint",
                                       "AWS Lambda", "external processes"};
  std::string kind = kinds[static_cast<std::size_t>(config.fleet.kind)];
  if (config.fleet.kind == FleetKind::sim) kind += " as " + config.fleet.model;
  if (config.fleet.kind == FleetKind::sim && config.fleet.sim.network.topology == Topology::tree)
    kind += " on a tree";
  if (config.fleet.kind == FleetKind::sim && config.fleet.sim.network.topology == Topology::direct)
    kind += ", worker to worker";
  return fmt::format("{}: {}, {}, seed {}", kind, count_text(info.workers, "worker"),
                     count_text(info.shards, "shard"), config.fleet.seed);
}

std::string limits_text(const RunConfig& config) {
  const SessionOptions& session = config.session;
  std::vector<std::string> limits;
  if (session.max_rounds) limits.push_back(count_text(*session.max_rounds, "round"));
  if (session.max_tasks) limits.push_back(count_text(*session.max_tasks, "task"));
  if (session.max_passes < kInfinity)
    limits.push_back(
        fmt::format("{} pass{}", session.max_passes, session.max_passes == 1 ? "" : "es"));
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
  if (config.session.target_loss)
    text += fmt::format("{}validation loss {:g}", text.empty() ? "" : ", or ",
                        *config.session.target_loss);
  const std::string limits = limits_text(config);
  if (limits.empty()) return text.empty() ? "when the method's work is done" : text;
  return fmt::format("{}{}at most {}", text, text.empty() ? "" : "; ", limits);
}

std::string with_settings(const std::string& name, const std::vector<std::string>& settings) {
  return settings.empty() ? name : fmt::format("{}: {}", name, fmt::join(settings, " "));
}

// With all its options but those that stand for nothing: they are what is compared.
std::string protocol_text(const RunConfig& config) {
  std::vector<std::string> settings;
  for (const auto& [name, value] : config.setup.values)
    if (to_text(value) != "none") settings.push_back(fmt::format("{}={}", name, to_text(value)));
  return with_settings(config.protocol.name, settings);
}

// With the options that are not what the method chooses by itself.
std::string method_text(const RunConfig& config) {
  const OptionValues& usual = config.method.usual;
  std::vector<std::string> settings;
  for (const auto& [name, value] : config.method.options)
    if (!usual.contains(name) || usual.at(name) != value)
      settings.push_back(fmt::format("{}={}", name, to_text(value)));
  return with_settings(config.method.name, settings);
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
  std::string text;
  if (!times_alone(config)) {
    add(text, "data",
        fmt::format("{}: {} samples x {} features, {} nonzeros", info.data_name, info.samples,
                    info.features, info.nonzeros));
    const std::string& own = methods().at(config.method.name).objective;
    add(text, "problem",
        own.empty() ? fmt::format("{} + {}", config.problem.loss, config.problem.regularizer)
                    : own);
  }
  add(text, "protocol", protocol_text(config));
  add(text, "method", method_text(config));
  add(text, "fleet", fleet_text(config, info));
  add(text, "straggler", info.straggler);
  add(text, "stop", stop_rules_text(config));
  if (std::isfinite(info.reference_objective)) {
    const std::string origin = std::isfinite(info.reference_kkt)
                                   ? fmt::format("kkt {:.1e}{}", info.reference_kkt,
                                                 info.reference_cached ? ", from the cache" : "")
                               : info.reference_cached ? "from the cache"
                                                       : "as given";
    add(text, "reference", fmt::format("{} ({})", info.reference_objective, origin));
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
    case StopReason::target_loss:
      text = fmt::format("stopped {}: the validation loss is at most {}", after,
                         config.session.target_loss.value_or(kNaN));
      break;
    case StopReason::method_ended:
      text = fmt::format("ended {}", after);
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
  std::string page;
  cli::wrap(page, "", text, 0);
  page.pop_back();
  return page;
}

namespace {

std::string cost_text(const Cost& cost) {
  std::string text = fmt::format(
      "{:.2g} $ at list price: {}, {} GB s {}", cost.dollars, count_text(cost.requests, "request"),
      amount_text(cost.billed_gb_seconds.value_or(cost.estimated_gb_seconds)),
      cost.billed_gb_seconds ? "billed" : "estimated");
  if (cost.billed_gb_seconds && cost.unbilled > 0)
    text += fmt::format(", {} GB s of {} without a bill", amount_text(cost.unbilled_gb_seconds),
                        cost.unbilled);
  return text;
}

// The first few of several models that take turns.
void add_models(std::string& text, const RunConfig& config, const RunResult& result) {
  constexpr std::size_t kMost = 12;
  const std::vector<ModelOutcome>& models = result.summary.models;
  const std::vector<double>& steps = config.setup.models.steps;
  for (std::size_t m = 0; m < std::min(kMost, models.size()) && !times_alone(config); ++m) {
    std::string line = fmt::format("objective {}", number_text(models[m].objective, 12));
    if (std::isfinite(models[m].gap)) line += fmt::format(", gap {:.3g}", models[m].gap);
    if (!steps.empty()) line += fmt::format(", step {:g}", steps[m]);
    if (!result.info.models.empty()) line += ", " + result.info.models[m].regularizer;
    add(text, fmt::format("model {}", m), line);
  }
}

}  // namespace

std::string summary_text(const RunConfig& config, const RunResult& result) {
  const Summary& summary = result.summary;
  std::string gap;
  if (std::isfinite(summary.last.gap)) gap = fmt::format(", gap {:.3g}", summary.last.gap);
  if (std::isfinite(summary.certified_gap))
    gap += fmt::format(", certified gap {:.3g}", summary.certified_gap);
  if (std::isfinite(summary.validation_loss))
    gap += fmt::format(", validation loss {:.6g}", summary.validation_loss);
  std::string text;
  if (times_alone(config)) {
    add(text, "trained", "nothing: these are times and bytes alone");
  } else {
    add(text, "objective", fmt::format("{}{}", number_text(summary.last.objective, 12), gap));
    if (methods().at(config.method.name).objective.empty())
      add(text, "kkt",
          fmt::format("{}, nonzeros {} of {}", number_text(summary.kkt, 3), summary.nonzeros,
                      result.info.features));
  }
  add_models(text, config, result);
  if (std::isfinite(summary.last.disagreement))
    add(text, "nodes",
        fmt::format("disagreement {:.3g}, spectral gap {:.3g}", summary.last.disagreement,
                    summary.spectral_gap));
  add(text, "time",
      fmt::format("{} {}: start-up {}, solving {}; wall {}",
                  config.fleet.kind == FleetKind::sim ? "virtual" : "fleet",
                  seconds_text(summary.fleet_seconds), seconds_text(summary.startup_seconds),
                  seconds_text(summary.fleet_seconds - summary.startup_seconds),
                  seconds_text(summary.wall_seconds)));
  std::string computed = fmt::format("computed {} in all", seconds_text(summary.compute_seconds));
  if (summary.pause_seconds > 0)
    computed += fmt::format(", paused {}", seconds_text(summary.pause_seconds));
  add(text, "workers", computed);
  const bool direct =
      config.fleet.kind == FleetKind::sim && config.fleet.sim.network.topology == Topology::direct;
  add(text, "traffic",
      direct ? fmt::format("{} from worker to worker", bytes_text(summary.bytes_down))
             : fmt::format("{} up, {} down", bytes_text(summary.bytes_up),
                           bytes_text(summary.bytes_down)));
  add(text, "work",
      fmt::format("{}, {} wasted; {} passes over the data", count_text(summary.tasks, "task"),
                  summary.tasks_wasted, number_text(summary.passes, 4)));
  if (std::isfinite(summary.decode_rms))
    add(text, "decoding",
        fmt::format("at worst e = {:.3g}, {:.3g} of a shard, a mean weight of {:.4g}, "
                    "condition {:.3g}",
                    summary.decode_rms, summary.decode_error, summary.decode_weight,
                    summary.condition_number));
  if (summary.writes_lost)
    add(text, "lost",
        fmt::format("{:.3g} writes of others an update, made since its worker read",
                    static_cast<double>(*summary.writes_lost) / std::max(1, summary.rounds)));
  const WorkerRow all = total(summary.workers);
  if (all.starts > 0 || summary.cost)
    add(text, "lives",
        fmt::format("{}, {} handed over, {} lost", count_text(all.starts, "start"), all.hand_overs,
                    all.losses));
  if (summary.cost) add(text, "cost", cost_text(*summary.cost));
  return text;
}

namespace {

// As wide as "-1.23e-45".
std::string short_text(double value) {
  return std::isfinite(value) ? fmt::format("{:.2e}", value) : "-";
}

}  // namespace

std::string RoundTable::heading() const {
  return fmt::format("{:>6} {:>11} {:>15}{} {:>8} {:>8} {:>8} {:>5}", "round", "seconds",
                     "objective", with_gap_ ? fmt::format(" {:>9}", "gap") : "", "primal", "dual",
                     "rho", "taken");
}

std::string RoundTable::row(const RoundRow& row) {
  return fmt::format(
      "{:>6} {:>11.6f} {:>15}{} {:>8} {:>8} {:>8} {:>5}", row.round, to_seconds(row.at),
      objective_text(row.objective), with_gap_ ? fmt::format(" {:>9}", short_text(row.gap)) : "",
      short_text(row.primal), short_text(row.dual), short_text(row.rho), row.accepted);
}

std::string RoundTable::objective_text(double value) {
  constexpr int kDigits = 10, kWidth = 15;
  if (!std::isfinite(value)) return "-";
  if (!decimals_) {
    const double size = std::abs(value);
    const int before = size < 10 ? 1 : static_cast<int>(std::floor(std::log10(size))) + 1;
    decimals_ = std::max(0, kDigits - before);
  }
  std::string text = fmt::format("{:.{}f}", value, *decimals_);
  return text.size() <= kWidth ? text : fmt::format("{:.{}e}", value, kWidth - 7);
}

}  // namespace laggard
