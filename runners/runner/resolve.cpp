#include "runners/runner/resolve.hpp"

#include "core/io/error.hpp"
#include "core/problem/loss.hpp"
#include "core/problem/regularizer.hpp"
#include "runners/cli/arguments.hpp"
#include "runners/plugins/plugin.hpp"
#include "runners/runner/fleet_model.hpp"
#include "runners/runner/given.hpp"
#include "runners/runner/lookup.hpp"
#include "runners/runner/options.hpp"
#include "runners/runner/own_objective.hpp"
#include "runners/runner/owners.hpp"
#include "runners/runner/timing_alone.hpp"
#include "runners/runner/topology.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace laggard {
namespace {

constexpr double kMostSumError = 1e-7;  // e of sums whose residuals are still told from none
constexpr std::string_view kOfProtocol = "protocol.", kOfMethod = "method.";

// A plain name that both have is the protocol's.
std::string key_of(const std::string& name, const Owners& owners) {
  if (find_option(name)) return name;
  if (find_option(owners.protocol.options, name)) return fmt::format("{}{}", kOfProtocol, name);
  if (find_option(owners.method.options, name)) return fmt::format("{}{}", kOfMethod, name);
  return name;
}

AllGiven merge(const std::vector<Setting>& file, const std::vector<Setting>& command_line,
               const Owners& owners) {
  AllGiven given;
  for (const Setting& setting : file) given[key_of(setting.name, owners)] = {setting, true};
  for (const Setting& setting : command_line)
    given[key_of(setting.name, owners)] = {setting, false};
  return given;
}

// A method of the file that gave way to the protocol's is as if the command line had replaced it.
void imply_method(AllGiven& given, const Owners& owners) {
  const Given* method = find(given, "method");
  if (!method || !method->from_file) return;
  if (&find_method(method->setting.value, method->setting.what) == &owners.method) return;
  given["method"] = {Setting{"method", owners.method.name, "--method"}, false};
}

// Between --data and --synthetic there is one winner; what belongs to the loser goes with it.
void choose_data(AllGiven& given) {
  const Given* data = find(given, "data");
  const Given* synthetic = find(given, "synthetic");
  if (data && synthetic) {
    if (data->from_file == synthetic->from_file) {
      throw Error(fmt::format("{}: cannot go with {}; expected one of the two",
                              synthetic->setting.what, data->setting.what));
    }
    const Given* features = find(given, "features");
    if (data->from_file && features && features->from_file) given.erase("features");
    given.erase(data->from_file ? "data" : "synthetic");
  }
  const Given* features = find(given, "features");
  if (features && !find(given, "data")) {
    throw Error(fmt::format("{}: only goes with --data; give a synthetic instance its d",
                            features->setting.what));
  }
}

// A fleet model of the command line takes the place of the file's, and of what was said beside
// that: a printed configuration names every constant.
void choose_fleet_model(AllGiven& given, const std::vector<Setting>& file) {
  const Given* model = find(given, "fleet-model");
  if (!model || model->from_file || !last(file, "fleet-model")) return;
  std::erase_if(given, [](const auto& entry) {
    const RunOption* option = find_option(entry.first);
    return entry.second.from_file && option && option->group == group::kFleetModel;
  });
}

// "tau" of "protocol.tau"; the name itself where it is not qualified.
std::string_view own_name(std::string_view name) {
  for (const std::string_view prefix : {kOfProtocol, kOfMethod})
    if (name.starts_with(prefix)) return name.substr(prefix.size());
  return name;
}

[[noreturn]] void refuse_unknown(const Setting& setting, bool from_file, const Owners& owners) {
  if (from_file &&
      (setting.name == "config" || setting.name == "help" || setting.name == "version")) {
    throw Error(fmt::format("{}: not allowed in a configuration file", setting.what));
  }
  const std::string others = owners_of_option(own_name(setting.name));
  if (!others.empty()) {
    throw Error(fmt::format("{}: not an option of protocol {} or method {} (it belongs to {})",
                            setting.what, owners.protocol.name, owners.method.name, others));
  }
  const bool qualified = setting.name.size() > own_name(setting.name).size();
  std::vector<std::string> own;
  for (const OptionSpec& option : owners.protocol.options)
    own.push_back(fmt::format("{}{}", qualified ? kOfProtocol : "", option.name));
  for (const OptionSpec& option : owners.method.options)
    own.push_back(fmt::format("{}{}", qualified ? kOfMethod : "", option.name));
  if (!from_file) own.push_back("config");
  cli::refuse_unknown(setting, cli::texts(options()), own);
}

// True for an option of the protocol or the method that the file named and the command line
// replaced.
bool left_behind(const AllGiven& given, const Given& option, const std::vector<Setting>& file) {
  if (!option.from_file) return false;
  const auto replaced = [&](std::string_view kind, const std::string& usual) {
    const Given* now = find(given, kind);
    const Setting* before = last(file, kind);
    if (!now || now->from_file) return std::string();
    return before ? before->value : usual;
  };
  const RunConfig defaults;
  const std::string protocol = replaced("protocol", defaults.protocol.name);
  const std::string method = replaced("method", defaults.method.name);
  const std::string_view name = own_name(option.setting.name);
  return (!protocol.empty() &&
          find_option(find_protocol(protocol, "--config: protocol").options, name)) ||
         (!method.empty() && find_option(find_method(method, "--config: method").options, name));
}

// Reads a setting of an owner's option; false if it has none of that name.
bool read_own(const std::vector<OptionSpec>& options, std::string_view prefix,
              const std::string& key, const Setting& setting, OptionValues& values) {
  if (!key.starts_with(prefix)) return false;
  const std::string name = key.substr(prefix.size());
  const OptionSpec* option = find_option(options, name);
  if (option) values[name] = parse_option(*option, setting.value, setting.what);
  return option;
}

void read_option(RunConfig& config, const RunOption& option, const Setting& setting) {
  if (setting.kind == Setting::Kind::boolean && !option.is_flag())
    throw Error(fmt::format("{}: {} is no value of it; expected {}", setting.what, setting.value,
                            option.metavar));
  option.parse(config, setting.value, setting.what);
}

// What the fleet model says, before the options that overrule it are read.
void apply_fleet_model(RunConfig& config, const AllGiven& given) {
  for (const char* name : {"fleet", "fleet-model", "workers"}) {
    const Given* each = find(given, name);
    if (each) read_option(config, *find_option(name), each->setting);
  }
  if (config.fleet.kind == FleetKind::sim)
    apply(find_fleet_model(config.fleet.model, "--fleet-model"), config.fleet);
}

RunConfig read_settings(const AllGiven& given, const std::vector<Setting>& file,
                        const Owners& owners) {
  RunConfig config;
  apply_fleet_model(config, given);
  for (const auto& [key, each] : given) {
    const Setting& setting = each.setting;
    if (const RunOption* option = find_option(key)) {
      read_option(config, *option, setting);
    } else if (!read_own(owners.protocol.options, kOfProtocol, key, setting, config.setup.values) &&
               !read_own(owners.method.options, kOfMethod, key, setting, config.method.options) &&
               !left_behind(given, each, file)) {
      refuse_unknown(setting, each.from_file, owners);
    }
  }
  for (auto& [constant, who] : config.fleet.sim.said_by) {
    const bool is_service = constant.starts_with("service-seconds");
    if (const Given* each = find(given, is_service ? "service-time" : constant))
      who = each->setting.what;
  }
  if (is_plugin_path(config.protocol.name)) config.protocol.plugin = config.protocol.name;
  if (is_plugin_path(config.method.name)) config.method.plugin = config.method.name;
  config.protocol.name = owners.protocol.name;
  config.method.name = owners.method.name;
  return config;
}

std::string name_of(const AllGiven& given, std::string_view option) {
  const Given* found = find(given, option);
  return found ? found->setting.what : fmt::format("--{}", option);
}

void check_lambdas(const RunConfig& config, const AllGiven& given, const Regularizer& h) {
  const std::vector<double>& lambdas = config.setup.models.lambdas;
  if (lambdas.empty()) return;
  const std::string option = name_of(given, "protocol.model-lambdas");
  if (times_alone(config))
    throw Error(fmt::format("{}: has no effect with --method {}, which trains nothing", option,
                            config.method.name));
  if (!scaled(h, 1))
    throw Error(
        fmt::format("{}: multiplies the lambda of --regularizer, and {} has none above 0; "
                    "expected none, or --regularizer l1:LAMBDA, l2:LAMBDA or the like",
                    option, h.spec()));
  if (config.reference != "none" && config.reference != "auto")
    throw Error(fmt::format("{}: {} is the optimum of one problem, and {} makes {}; expected auto",
                            name_of(given, "reference"), config.reference, option, lambdas.size()));
}

// Steps of models take the place of the method's.
void check_steps(const RunConfig& config, const AllGiven& given) {
  if (config.setup.models.steps.empty()) return;
  const Method& method = methods().find(config.method.name)->second;
  if (!find_option(method.options, "step-size"))
    throw Error(fmt::format("{}: --method {} has no option step-size; expected none",
                            name_of(given, "protocol.model-steps"), method.name));
  const Given* step = find(given, "method.step-size");
  if (step && !step->from_file)
    throw Error(fmt::format("{}: has no effect with --model-steps; expected one of the two",
                            step->setting.what));
}

// The protocol settles its options and the number of shards, then the method its own.
void settle(RunConfig& config, const AllGiven& given) {
  const Method& method = methods().find(config.method.name)->second;
  ProtocolSetup& setup = config.setup;  // its values are there
  setup.workers = config.fleet.workers;
  setup.shards = config.shards.value_or(setup.workers);
  setup.shards_given = config.shards.has_value();
  setup.method = method.name;
  setup.traits = method.traits;
  settle_options(protocols().find(config.protocol.name)->second, setup);
  if (setup.shards < setup.workers && !setup.replicates) {
    throw Error(fmt::format("{}: {} is fewer than the {} workers; expected at least {}",
                            name_of(given, "shards"), setup.shards, setup.workers, setup.workers));
  }
  config.session.protocol_options = setup.values;
  check_steps(config, given);
  const auto loss = make_loss(config.problem.loss);
  const auto regularizer = make_regularizer(config.problem.regularizer);
  check_lambdas(config, given, *regularizer);
  MethodSetup of_method;
  of_method.workers = setup.workers;
  of_method.shards = setup.shards;
  of_method.max_age = setup.max_age;
  of_method.one_by_one = setup.one_by_one;
  of_method.leaves_out = setup.leaves_out;
  of_method.loss = loss.get();
  of_method.regularizer = regularizer.get();
  MethodSetup usual = of_method;
  of_method.values = std::move(config.method.options);
  settle_options(method, of_method);
  config.method.options = std::move(of_method.values);
  config.method.vectors = of_method.vectors;
  for (std::string& notice : of_method.notices) config.notices.push_back(std::move(notice));
  if (setup.models.count > 1)
    config.notices.push_back(
        fmt::format("{0} models take turns: round k is of model (k - 1) mod {0}, and the result is "
                    "of the last one{1}",
                    setup.models.count, times_alone(config) ? "" : "; models.csv has them all"));
  try {
    settle_options(method, usual);
    config.method.usual = std::move(usual.values);
  } catch (const Error&) {
    // A method that must be given something has nothing usual.
  }
}

// A plain name that the protocol and the method both have.
void notice_shared_names(RunConfig& config, const AllGiven& given, const Owners& owners) {
  for (const OptionSpec& option : owners.method.options) {
    const Given* found = find(given, fmt::format("{}{}", kOfProtocol, option.name));
    if (!found || found->from_file || found->setting.name != option.name) continue;
    config.notices.push_back(
        fmt::format("--{0} is the option of protocol {1}; --method.{0} is that of method {2}",
                    option.name, owners.protocol.name, owners.method.name));
  }
}

// What the user may change so that an option of `only_values` of `with` has an effect.
std::string remedy(const std::string& with, const std::vector<std::string>& only_values) {
  return fmt::format("expected --{} {}", with, fmt::join(only_values, " or "));
}

// Why --stop is none where nobody said so; empty where somebody did.
std::string why_no_rule(const RunConfig& config, const AllGiven& given) {
  if (find(given, "stop") || config.session.stopping.rule != StopRule::none) return "";
  for (const char* name : {"target-gap", "target-loss"})
    if (find(given, name)) return fmt::format(", as it is with --{}", name);
  return fmt::format(", as it is with --loss {}", config.problem.loss);
}

// An option that does nothing in this run is refused, so that nobody thinks it did. One of a file
// is left behind where the command line changed what it goes with.
void refuse_idle(RunConfig& config, AllGiven& given, const Owners& owners) {
  const auto from_command_line = [&](std::string_view key) {
    const Given* found = find(given, key);
    return found && !found->from_file;
  };
  for (const RunOption& option : options()) {
    const Given* found = find(given, option.name);
    if (!found || option.only_with == "fleet" || has_effect(option, config)) continue;
    const bool replaced = from_command_line(option.only_with) ||
                          (option.only_with == "stop" && from_command_line("target-gap"));
    if (found->from_file && replaced) continue;
    if (option.only_values.empty())
      throw Error(
          fmt::format("{}: has no effect without --{}", found->setting.what, option.only_with));
    const std::string now(find_option(option.only_with)->print(config).as_string());
    throw Error(fmt::format("{}: has no effect with --{} {}{}; {}", found->setting.what,
                            option.only_with, now,
                            option.only_with == "stop" ? why_no_rule(config, given) : "",
                            remedy(option.only_with, option.only_values)));
  }
  const auto check_own = [&](const std::vector<OptionSpec>& all, std::string_view prefix,
                             OptionValues& values) {
    for (const OptionSpec& option : all) {
      const Given* found = find(given, fmt::format("{}{}", prefix, option.name));
      if (!found || has_effect(option, values)) continue;
      if (!found->from_file || !from_command_line(fmt::format("{}{}", prefix, option.only_with)))
        throw Error(fmt::format("{}: has no effect with --{} {}; {}", found->setting.what,
                                option.only_with, to_text(values.at(option.only_with)),
                                remedy(option.only_with, option.only_values)));
      const std::string& idle = option.word.empty() ? option.default_text : option.word;
      values[option.name] = parse_option(option, idle, option.name);
    }
  };
  check_own(owners.protocol.options, kOfProtocol, config.setup.values);
  check_own(owners.method.options, kOfMethod, config.method.options);
}

// Options of another fleet are told of, and no error, so that one command may be tried on several;
// those of a file are not told.
void notice_other_fleets(RunConfig& config, const AllGiven& given) {
  const std::string now(find_option("fleet")->print(config).as_string());
  for (const RunOption& option : options()) {
    const Given* found = find(given, option.name);
    if (!found || found->from_file || option.only_with != "fleet") continue;
    if (has_effect(option, config)) continue;
    config.notices.push_back(fmt::format("{} has no effect on --fleet {}, only on {}",
                                         found->setting.what, now,
                                         fmt::join(option.only_values, ", ")));
  }
}

// `--worker 4` is a slip for --workers 4. Whoever starts external workers may have the program
// elsewhere.
void check_worker(const RunConfig& config, const AllGiven& given) {
  if (config.fleet.processes.program.empty()) return;
  const bool is_number =
      config.fleet.processes.program.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number && config.fleet.kind == FleetKind::external) return;
  if (std::filesystem::exists(config.fleet.processes.program)) return;
  throw Error(fmt::format(
      "{}: there is no file {}; {}expected the worker program", name_of(given, "worker"),
      config.fleet.processes.program,
      is_number ? fmt::format("did you mean --workers {}? ", config.fleet.processes.program) : ""));
}

void check(const RunConfig& config, const AllGiven& given) {
  if (config.fleet.kind == FleetKind::lambda && config.fleet.invoke.function.empty())
    throw Error(
        "--function: not given; expected the name of the Lambda function that is the worker");
  if (config.fleet.kind == FleetKind::local &&
      config.fleet.workers > config.fleet.local.concurrency)
    throw Error(fmt::format(
        "{}: {} is more than the local endpoint runs at a time, --concurrency {}; expected "
        "--concurrency {} or fewer workers",
        name_of(given, "workers"), config.fleet.workers, config.fleet.local.concurrency,
        config.fleet.workers));
  if (config.fleet.kind == FleetKind::sim && config.protocol.name != "sync" &&
      config.fleet.sim.network.topology == Topology::tree)
    throw Error(fmt::format(
        "{}: tree goes with protocol sync alone, not {}; expected star, or --protocol sync",
        name_of(given, "topology"), config.protocol.name));
  if (config.output.overwrite && config.output.directory.empty() &&
      config.output.checkpoint.empty() && config.output.trace.empty()) {
    throw Error(fmt::format("{}: only goes with --output, --checkpoint or --trace",
                            name_of(given, "overwrite")));
  }
}

// What neither a certificate nor residuals can tell of.
void check_stop(RunConfig& config, const AllGiven& given) {
  const MethodTraits& traits = methods().find(config.method.name)->second.traits;
  const StopRule rule = config.session.stopping.rule;
  const std::string& loss = config.problem.loss;
  if (!make_loss(loss)->is_smooth()) {
    if (!traits.takes_kinks)
      throw Error(fmt::format(
          "{}: {} has kinks, which --method {} cannot take; expected squared_hinge, or --method {}",
          name_of(given, "loss"), loss, config.method.name,
          methods_that(
              [](const MethodTraits& each) { return each.takes_kinks && !each.timing_only; })));
    if (rule != StopRule::none)
      throw Error(fmt::format("{}: {} needs a smooth loss, not {}; expected none",
                              name_of(given, "stop"), to_string(rule), loss));
    if (config.reference == "auto")
      throw Error(
          fmt::format("{}: auto needs a smooth loss, not {}; expected the optimum as a "
                      "number",
                      name_of(given, "reference"), loss));
  }
  if (config.setup.sum_error > kMostSumError && rule != StopRule::none &&
      rule != StopRule::certified)
    throw Error(
        fmt::format("{}: {} goes by residuals, and those of --protocol {} are not exact; expected "
                    "certified or none, or a --max-error of at most {:g}",
                    name_of(given, "stop"), to_string(rule), config.protocol.name, kMostSumError));
  if (traits.noisy && rule != StopRule::none && rule != StopRule::certified)
    throw Error(
        fmt::format("{}: {} goes by residuals, and those of --method {} say little of the optimum; "
                    "expected certified or none",
                    name_of(given, "stop"), to_string(rule), config.method.name));
}

void fill_stop(RunConfig& config, const AllGiven& given) {
  const bool proved = make_loss(config.problem.loss)->is_smooth();
  if (!find(given, "stop") && (config.session.target_gap || config.session.target_loss || !proved ||
                               has_own_objective(config)))
    config.session.stopping.rule = StopRule::none;
  if (!config.session.target_gap || config.reference != "none") return;
  const Given* reference = find(given, "reference");
  const bool overruled = reference && reference->from_file && !find(given, "target-gap")->from_file;
  if (reference && !overruled) {
    throw Error(fmt::format("{}: none cannot go with --target-gap; expected auto or the optimum",
                            reference->setting.what));
  }
  config.reference = "auto";
}

// So that a run ends, whatever the protocol, after as much work as sync does in so many rounds.
void fill_limits(RunConfig& config, const AllGiven& given) {
  constexpr std::int64_t kRounds = 1000;
  for (const char* limit : {"max-rounds", "max-tasks", "max-passes"})
    if (find(given, limit)) return;
  if (times_alone(config)) return;
  config.session.max_tasks = kRounds * std::max(config.setup.workers, config.setup.shards);
}

void fill_fleet(RunConfig& config, const AllGiven& given) {
  const Given* worker = find(given, "bandwidth");
  const Given* coordinator = find(given, "coordinator-bandwidth");
  const bool told_apart = coordinator && (!coordinator->from_file || (worker && worker->from_file));
  if (worker && std::isinf(config.fleet.sim.network.bandwidth) && !told_apart)
    config.fleet.sim.network.coordinator_bandwidth = kInfinity;
  if (!config.problem.sharding)
    config.problem.sharding =
        config.problem.data.empty() ? Sharding::contiguous : Sharding::shuffle;
  if (config.fleet.straggler.empty()) config.fleet.straggler = "none";
  // Whoever starts external workers may take their time, unless told otherwise.
  if (config.fleet.kind == FleetKind::external && !find(given, "start-timeout"))
    config.fleet.lifecycle.start_timeout = kForever;
}

}  // namespace

RunConfig resolve(const std::vector<Setting>& file, const std::vector<Setting>& command_line) {
  const Owners owners = find_owners(file, command_line);
  AllGiven given = merge(file, command_line, owners);
  imply_method(given, owners);
  leave_timing_behind(given, file, owners.method);
  choose_data(given);
  choose_fleet_model(given, file);
  refuse_phi(given, owners.method);
  RunConfig config = read_settings(given, file, owners);
  settle_topology(config, given, owners);
  check(config, given);
  check_worker(config, given);
  settle(config, given);
  settle_timing(config, given);
  fill_stop(config, given);
  check_stop(config, given);
  fill_limits(config, given);
  fill_fleet(config, given);
  refuse_idle(config, given, owners);
  notice_shared_names(config, given, owners);
  notice_other_fleets(config, given);
  return config;
}

}  // namespace laggard
