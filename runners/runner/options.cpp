#include "runners/runner/options.hpp"

#include "core/problem/loss.hpp"
#include "core/problem/regularizer.hpp"
#include "runners/fleets/straggler/straggler.hpp"
#include "runners/runner/option_kinds.hpp"
#include "runners/runner/option_specs.hpp"

#include <algorithm>

namespace laggard {
namespace {

namespace json = boost::json;
using namespace option_kinds;
using Group = OptionGroup;

const Range kPositive{.min_excluded = true};
const Range kPositiveOrInfinite{.min_excluded = true, .infinite = "inf"};

std::string as_given(std::string_view text) {
  if (text.empty()) throw Error("is empty; expected a value");
  return std::string(text);
}

// The value is a name or the path of a plugin, as of --method; resolve() tells them apart. Printed
// is the path, so that a printed configuration finds the plugin again.
Option protocol_option() {
  Option option = text({"protocol", Group::run, "NAME|PATH.so",
                        "who is waited for, and whose work counts; a plugin by its path"},
                       &RunConfig::protocol, as_given);
  option.print = [](const RunConfig& config) -> json::value {
    return json::string(config.plugin.empty() ? config.protocol : config.plugin);
  };
  return option;
}

Option method_option() {
  Option option =
      text({"method", Group::method, "NAME|PATH.so",
            "what workers compute, and what an update makes of it; a plugin by its path"},
           &RunConfig::method, as_given);
  option.print = [](const RunConfig& config) -> json::value {
    return json::string(config.method_plugin.empty() ? config.method : config.method_plugin);
  };
  return option;
}

std::vector<Option> run_options() {
  return {
      protocol_option(),
      choice({"fleet", Group::run, "",
              "where workers run: simulated in virtual time, as threads, as processes behind an "
              "embedded "
              "Lambda endpoint, on AWS Lambda, or as processes that you start"},
             &RunConfig::fleet, {"sim", "threads", "local", "lambda", "external"}),
      integer({"workers", Group::run, "W", "number of workers"}, &RunConfig::workers, 1, 100'000),
      integer(
          {"shards", Group::run, "P", "number of shards, at least W; shard p is on worker p mod W"},
          &RunConfig::shards, 1, kMany, "W"),
      integer({"seed", Group::run, "N", "drives stragglers and shuffling, nothing else"},
              &RunConfig::seed, 0, std::numeric_limits<std::int64_t>::max()),
  };
}

std::vector<Option> problem_options() {
  return {
      text(
          {"data", Group::problem, "FILE", "samples in svmlight text (.gz, .xz), or a bundled set"},
          &RunConfig::data, as_given, "none: synthetic"),
      synthetic_option(),
      integer({"features", Group::problem, "D", "fixes the number of features of --data"},
              &RunConfig::features, 1, kMany, "what the file holds"),
      text({"loss", Group::problem, "SPEC", "logistic, squared, huber:DELTA or squared_hinge"},
           &RunConfig::loss, [](std::string_view spec) { return make_loss(spec)->spec(); }),
      text({"regularizer", Group::problem, "SPEC",
            "none, l1:L, l2:L, elastic_net:L1,L2, box:LO,HI, nonnegative or group_l2:L,SIZE"},
           &RunConfig::regularizer,
           [](std::string_view spec) { return make_regularizer(spec)->spec(); }),
      choice({"sharding", Group::problem, "", "how samples are dealt to shards"},
             &RunConfig::sharding, {"contiguous", "round_robin", "shuffle"}),
  };
}

std::vector<Option> method_options() {
  return {
      method_option(),
      choice(
          {"wire", Group::method, "",
           "how z and x are sent: as doubles, or rounded to floats, which every fleet does alike"},
          &RunConfig::wire, {"f64", "f32"}),
  };
}

std::vector<Option> stopping_options() {
  return {
      stop_option(),
      real({"eps-primal", Group::stopping, "E", "primal tolerance of paper and absolute"},
           &RunConfig::eps_primal, kNonNegative),
      real({"eps-dual", Group::stopping, "E", "dual tolerance of paper and absolute"},
           &RunConfig::eps_dual, kNonNegative),
      real({"eps-abs", Group::stopping, "E", "absolute tolerance of boyd"}, &RunConfig::eps_abs,
           kNonNegative),
      real({"eps-rel", Group::stopping, "E", "relative tolerance of boyd"}, &RunConfig::eps_rel,
           kNonNegative),
      target_gap_option(),
      text({"reference", Group::stopping, "HOW",
            "the optimum that gaps are measured against: none, auto (solved for, then cached), or "
            "its value"},
           &RunConfig::reference, canonical_reference, "none; auto with --target-gap"),
      integer({"max-rounds", Group::stopping, "K", "most rounds"}, &RunConfig::max_rounds, 0,
              kMany),
      real({"time-limit", Group::stopping, "S", "seconds, in the fleet's own time: virtual on sim"},
           &RunConfig::time_limit, {.min_excluded = true, .infinite = "none"}),
  };
}

std::vector<Option> fleet_options() {
  const Group group = Group::fleet_model;
  return {
      text({"straggler", group, "SPEC",
            "none, fixed:T1,T2,..., shifted_exponential, pareto, lognormal, bimodal, markov, "
            "persistent or lambda; parameters by name, as in bimodal:p=0.05,factor=10; trace:FILE: "
            "the "
            "times of a recorded run, its workers.csv.gz; crash:p=P: workers die; joined by +"},
           &RunConfig::straggler, canonical_straggler, "lambda on sim, else none"),
      real({"latency", group, "S", "seconds, one way"}, &RunConfig::latency, kNonNegative),
      real({"bandwidth", group, "B",
            "bytes a second of each worker; inf sets --coordinator-bandwidth too"},
           &RunConfig::bandwidth, kPositiveOrInfinite),
      real({"coordinator-bandwidth", group, "B", "bytes a second, shared by all workers"},
           &RunConfig::coordinator_bandwidth, kPositiveOrInfinite),
      service_time_option(),
      integer({"masters", group, "M", "threads of the coordinator that receive reports"},
              &RunConfig::masters, 1, 100'000, "ceil(W/64)"),
      real({"cold-start", group, "S",
            "seconds, besides the loading of the shard; 0: all ready at time 0"},
           &RunConfig::cold_start, kNonNegative),
      real({"invoke-rate", group, "R", "workers started a second"}, &RunConfig::invoke_rate,
           kPositiveOrInfinite),
      real({"memory-mb", group, "MB", "memory of a worker; below 1769 it has less than one CPU"},
           &RunConfig::memory_mb, {.min = 128, .max = 10240}),
      real({"function-timeout", group, "S",
            "seconds an invocation may last; before that its worker is handed over"},
           &RunConfig::function_timeout, {.min_excluded = true, .infinite = "none"}),
  };
}

std::vector<Option> process_options() {
  const Group group = Group::processes;
  return {
      text({"worker", group, "FILE", "local, external: the worker program"}, &RunConfig::worker,
           as_given, "laggard-worker beside this program"),
      text({"listen", group, "ADDRESS:PORT", "where workers dial in; port 0: a free one"},
           &RunConfig::listen, as_given),
      text({"advertise", group, "HOST:PORT",
            "what workers dial, where that is not what is listened on"},
           &RunConfig::advertise, as_given, "--listen"),
      choice({"transport", group, "", "TLS 1.3 with a key of the run, or on loopback plain TCP"},
             &RunConfig::plain, {"tls", "plain"}),
      text({"shard-source", group, "HOW",
            "where workers get their rows: auto (made by themselves if synthetic, else sent by the "
            "coordinator), coordinator, or a FILE or http(s) URL of what pack-shards wrote"},
           &RunConfig::shard_source, as_given),
      real({"start-timeout", group, "S",
            "seconds from invocation to ready, before a start is given up"},
           &RunConfig::start_timeout, {.min_excluded = true, .infinite = "none"}),
      text({"function", group, "NAME", "lambda: the function, NAME or NAME:VERSION"},
           &RunConfig::function, as_given, "none"),
      text({"region", group, "R", "lambda: the region"}, &RunConfig::region, as_given,
           "of the environment or profile"),
      text({"endpoint", group, "URL", "lambda: the service"}, &RunConfig::endpoint, as_given,
           "AWS in --region"),
      real({"max-usd", group, "USD", "ends the run before invocations cost more, at list price"},
           &RunConfig::max_usd, {.min_excluded = true, .infinite = "none"}),
      integer({"concurrency", group, "N", "local: most invocations at a time"},
              &RunConfig::concurrency, 1, 100'000),
      real({"scaling-rate", group, "N", "local: new environments in 10 s"},
           &RunConfig::scaling_rate, kPositiveOrInfinite),
      text({"faults", group, "SPEC",
            "local: what goes wrong on purpose, as in kill=0.1,throttle=0.05,seed=2"},
           &RunConfig::faults, as_given, "none"),
      text({"emulator", group, "FILE",
            "local: the AWS Runtime Interface Emulator, to run workers behind"},
           &RunConfig::emulator, as_given, "none"),
      text({"endpoint-log", group, "FILE",
            "local: what the endpoint does and workers print, appended to FILE"},
           &RunConfig::endpoint_log, as_given, "none"),
      text({"seats", group, "DIR", "external: where the secrets lie that workers are started with"},
           &RunConfig::seats, as_given, "a new directory for temporary files"),
  };
}

std::vector<Option> output_options() {
  const Group group = Group::output;
  return {
      text({"output", group, "DIR", "keeps the results: run.json, a row a round, a row a task"},
           &RunConfig::output, as_given, "none"),
      flag({"overwrite", group, "",
            "replaces the results of a finished run in --output, or a checkpoint"},
           &RunConfig::overwrite),
      text({"checkpoint", group, "DIR", "keeps the newest state of the run, for --resume"},
           &RunConfig::checkpoint, as_given, "none"),
      integer({"every", group, "N", "rounds between two checkpoints"}, &RunConfig::every, 1, kMany),
      text({"resume", group, "DIR", "goes on from the checkpoint in DIR, on whatever fleet"},
           &RunConfig::resume, as_given, "none"),
      flag({"json", group, "", "one JSON object on stdout; what people read goes to stderr"},
           &RunConfig::json),
      flag({"quiet", group, "", "silences all but errors and --json"}, &RunConfig::quiet),
      choice({"progress", group, "", "auto: a table on a terminal, plain lines elsewhere"},
             &RunConfig::progress, {"auto", "lines", "none"}),
      flag({"print-config", group, "", "prints the configuration, as --config takes it, and ends"},
           &RunConfig::print_config),
  };
}

std::vector<Option> make_options() {
  std::vector<Option> all;
  for (auto* group : {run_options, problem_options, method_options, stopping_options, fleet_options,
                      process_options, output_options}) {
    for (Option& option : group()) all.push_back(std::move(option));
  }
  return all;
}

json::value json_of(const OptionValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  if (const auto* text = std::get_if<std::string>(&value)) return json::string(*text);
  const double real = std::get<double>(value);
  if (std::isinf(real)) return json::string(real > 0 ? "inf" : "-inf");
  return real;
}

}  // namespace

std::string_view title(OptionGroup group) {
  switch (group) {
    case Group::run:
      return "Run";
    case Group::problem:
      return "Problem";
    case Group::method:
      return "Method";
    case Group::stopping:
      return "Stopping";
    case Group::fleet_model:
      return "Fleet model";
    case Group::processes:
      return "Workers that are processes";
    case Group::output:
      return "Output";
  }
  return "";
}

const std::vector<Option>& options() {
  static const std::vector<Option> all = make_options();
  return all;
}

const Option* find_option(std::string_view name) {
  const auto& all = options();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Option& o) { return o.name == name; });
  return found == all.end() ? nullptr : &*found;
}

json::object configuration_json(const RunConfig& config) {
  json::object object;
  for (const Option& option : options()) {
    json::value value = option.print(config);
    if (value.is_null() || option.name == "print-config") continue;
    object.emplace(option.name, std::move(value));
  }
  for (const OptionValues* values : {&config.protocol_options, &config.method_options})
    for (const auto& [name, value] : *values) object.emplace(name, json_of(value));
  return object;
}

}  // namespace laggard
