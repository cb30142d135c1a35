#include "runners/runner/resolve.hpp"

#include "core/io/error.hpp"
#include "core/io/nearest.hpp"
#include "core/problem/loss.hpp"
#include "core/problem/regularizer.hpp"
#include "runners/plugins/plugin.hpp"
#include "runners/runner/options.hpp"
#include "runners/runner/protocol_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace laggard {
namespace {

struct Given {
  Setting setting;
  bool from_file = false;
};

using AllGiven = std::map<std::string, Given, std::less<>>;  // by name; the last of each

const Given* find(const AllGiven& given, std::string_view name) {
  const auto found = given.find(name);
  return found == given.end() ? nullptr : &found->second;
}

AllGiven merge(const std::vector<Setting>& file, const std::vector<Setting>& command_line) {
  AllGiven given;
  for (const Setting& setting : file) given[setting.name] = {setting, true};
  for (const Setting& setting : command_line) given[setting.name] = {setting, false};
  return given;
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

// Whom the options of a run belong to, beside the program.
struct Owners {
  const Protocol& protocol;
  const Method& method;
};

[[noreturn]] void refuse_unknown(const Setting& setting, bool from_file, const Owners& owners) {
  if (from_file &&
      (setting.name == "config" || setting.name == "help" || setting.name == "version")) {
    throw Error(fmt::format("{}: not allowed in a configuration file", setting.what));
  }
  const std::string others = owners_of_option(setting.name);
  if (!others.empty()) {
    throw Error(fmt::format("{}: not an option of protocol {} or method {} (it belongs to {})",
                            setting.what, owners.protocol.name, owners.method.name, others));
  }
  std::vector<std::string> names;
  for (const Option& option : options()) names.push_back(option.name);
  for (const OptionSpec& option : owners.protocol.options) names.push_back(option.name);
  for (const OptionSpec& option : owners.method.options) names.push_back(option.name);
  if (!from_file) names.insert(names.end(), {"config", "help", "version"});
  const auto nearest = nearest_name(setting.name, names);
  throw Error(fmt::format(
      "{}: unknown option; {}", setting.what,
      nearest ? fmt::format("did you mean {}{}?", from_file ? "" : "--", *nearest) : "see --help"));
}

// What the file said of an option that the command line may overrule.
std::string named_in(const std::vector<Setting>& file, std::string_view option) {
  const auto found =
      std::find_if(file.begin(), file.end(), [&](const Setting& s) { return s.name == option; });
  return found == file.end() ? "" : found->value;
}

// True for an option of the protocol or the method that the file named and the command line
// replaced.
bool left_behind(const AllGiven& given, const Given& option, const std::vector<Setting>& file) {
  if (!option.from_file) return false;
  const auto replaced = [&](std::string_view kind) {
    const Given* now = find(given, kind);
    return now && !now->from_file ? named_in(file, kind) : std::string();
  };
  const std::string protocol = replaced("protocol"), method = replaced("method");
  const std::string& name = option.setting.name;
  return (!protocol.empty() &&
          find_option(find_protocol(protocol, "--config: protocol").options, name)) ||
         (!method.empty() && find_option(find_method(method, "--config: method").options, name));
}

RunConfig read_settings(const AllGiven& given, const std::vector<Setting>& file) {
  RunConfig config;
  const Given* protocol_given = find(given, "protocol");
  const Given* method_given = find(given, "method");
  const Owners owners{
      find_protocol(protocol_given ? protocol_given->setting.value : config.protocol,
                    protocol_given ? protocol_given->setting.what : "--protocol"),
      find_method(method_given ? method_given->setting.value : config.method,
                  method_given ? method_given->setting.what : "--method")};
  for (const auto& [name, each] : given) {
    const Setting& setting = each.setting;
    if (const Option* option = find_option(name)) {
      if (setting.kind == Setting::Kind::boolean && !option->is_flag()) {
        throw Error(fmt::format("{}: {} is no value of it; expected {}", setting.what,
                                setting.value, option->metavar));
      }
      option->parse(config, setting.value, setting.what);
    } else if (const OptionSpec* own = find_option(owners.protocol.options, name)) {
      config.protocol_options[name] = parse_option(*own, setting.value, setting.what);
    } else if (const OptionSpec* of_method = find_option(owners.method.options, name)) {
      config.method_options[name] = parse_option(*of_method, setting.value, setting.what);
    } else if (!left_behind(given, each, file)) {
      refuse_unknown(setting, each.from_file, owners);
    }
  }
  if (is_plugin_path(config.protocol)) config.plugin = config.protocol;
  if (is_plugin_path(config.method)) config.method_plugin = config.method;
  config.protocol = owners.protocol.name;
  config.method = owners.method.name;
  return config;
}

std::string name_of(const AllGiven& given, std::string_view option) {
  const Given* found = find(given, option);
  return found ? found->setting.what : fmt::format("--{}", option);
}

// The protocol settles its options and the number of shards, then the method its own.
void settle(RunConfig& config, const AllGiven& given) {
  const Method& method = methods().find(config.method)->second;
  ProtocolSetup setup;
  setup.workers = config.workers;
  setup.shards = config.shards.value_or(config.workers);
  setup.shards_given = config.shards.has_value();
  setup.method = method.name;
  setup.traits = method.traits;
  setup.values = std::move(config.protocol_options);
  settle_options(protocols().find(config.protocol)->second, setup);
  if (setup.shards < config.workers && !setup.replicates) {
    throw Error(fmt::format("{}: {} is fewer than the {} workers; expected at least {}",
                            name_of(given, "shards"), setup.shards, config.workers,
                            config.workers));
  }
  config.protocol_options = std::move(setup.values);
  config.shard_count = setup.shards;
  config.max_age = setup.max_age;
  const auto loss = make_loss(config.loss);
  const auto regularizer = make_regularizer(config.regularizer);
  MethodSetup of_method;
  of_method.workers = config.workers;
  of_method.shards = config.shard_count;
  of_method.max_age = config.max_age;
  of_method.loss = loss.get();
  of_method.regularizer = regularizer.get();
  of_method.values = std::move(config.method_options);
  settle_options(method, of_method);
  config.method_options = std::move(of_method.values);
}

// As --config would have it.
std::string value_of(std::string_view option, const RunConfig& config) {
  return std::string(find_option(option)->print(config).as_string());
}

// Tells of options of the command line that this run does not look at. No error, so that one
// command may be tried with several methods and fleets; those of a file are not told, as a printed
// configuration names every option.
void notice_idle_options(RunConfig& config, const AllGiven& given) {
  const auto notice = [&](std::initializer_list<const char*> names, const std::string& why) {
    for (const char* name : names) {
      const Given* found = find(given, name);
      if (found && !found->from_file)
        config.notices.push_back(fmt::format("{} has no effect {}", found->setting.what, why));
    }
  };
  const std::string on_fleet = fmt::format("on --fleet {}", value_of("fleet", config));
  if (config.fleet != FleetKind::sim)
    notice(
        {"latency", "bandwidth", "coordinator-bandwidth", "service-time", "masters", "cold-start"},
        on_fleet + ", whose costs are real");
  if (config.fleet == FleetKind::threads)
    notice({"invoke-rate", "memory-mb", "function-timeout"}, on_fleet);
  if (config.fleet == FleetKind::lambda)
    notice({"memory-mb", "function-timeout"}, on_fleet + ", where the function has its own");
  if (config.fleet == FleetKind::external)
    notice({"invoke-rate", "memory-mb", "function-timeout", "start-timeout"}, on_fleet);
  if (!has_processes(config.fleet))
    notice({"listen", "advertise", "transport", "shard-source", "start-timeout"}, on_fleet);
  if (config.fleet != FleetKind::local)
    notice({"concurrency", "scaling-rate", "faults", "emulator", "endpoint-log"}, on_fleet);
  if (config.fleet != FleetKind::local && config.fleet != FleetKind::external)
    notice({"worker"}, on_fleet);
  if (config.fleet != FleetKind::lambda) notice({"function", "region", "endpoint"}, on_fleet);
  if (config.fleet != FleetKind::lambda && config.fleet != FleetKind::local)
    notice({"max-usd"}, on_fleet);
  if (config.fleet != FleetKind::external) notice({"seats"}, on_fleet);
  if (config.checkpoint.empty()) notice({"every"}, "without --checkpoint");
}

void check(const RunConfig& config, const AllGiven& given) {
  if (config.fleet == FleetKind::lambda && config.function.empty())
    throw Error(
        "--function: not given; expected the name of the Lambda function that is the worker");
  if (config.overwrite && config.output.empty() && config.checkpoint.empty()) {
    throw Error(
        fmt::format("{}: only goes with --output or --checkpoint", name_of(given, "overwrite")));
  }
}

void fill_stop(RunConfig& config, const AllGiven& given) {
  if (!config.stop) config.stop = config.target_gap ? StopRule::none : StopRule::boyd;
  if (!config.target_gap || config.reference != "none") return;
  const Given* reference = find(given, "reference");
  const bool overruled = reference && reference->from_file && !find(given, "target-gap")->from_file;
  if (reference && !overruled) {
    throw Error(fmt::format("{}: none cannot go with --target-gap; expected auto or the optimum",
                            reference->setting.what));
  }
  config.reference = "auto";
}

void fill_fleet(RunConfig& config, const AllGiven& given) {
  const Given* worker = find(given, "bandwidth");
  const Given* coordinator = find(given, "coordinator-bandwidth");
  const bool told_apart = coordinator && (!coordinator->from_file || (worker && worker->from_file));
  if (std::isinf(config.bandwidth) && !told_apart) config.coordinator_bandwidth = kInfinity;
  if (config.straggler.empty()) {
    config.straggler = config.fleet == FleetKind::sim ? "lambda" : "none";
  }
  if (!config.masters) config.masters = (config.workers + 63) / 64;
}

}  // namespace

RunConfig resolve(const std::vector<Setting>& file, const std::vector<Setting>& command_line) {
  AllGiven given = merge(file, command_line);
  choose_data(given);
  RunConfig config = read_settings(given, file);
  check(config, given);
  settle(config, given);
  notice_idle_options(config, given);
  fill_stop(config, given);
  fill_fleet(config, given);
  return config;
}

}  // namespace laggard
