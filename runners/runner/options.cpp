#include "runners/runner/options.hpp"

#include "core/method/method.hpp"
#include "core/problem/loss.hpp"
#include "core/problem/regularizer.hpp"
#include "core/schedule/protocol.hpp"
#include "runners/cli/kinds.hpp"
#include "runners/fleets/straggler/straggler.hpp"
#include "runners/local_lambda/local_lambda.hpp"
#include "runners/runner/fleet_model.hpp"
#include "runners/runner/host_name.hpp"
#include "runners/runner/option_needs.hpp"
#include "runners/runner/option_specs.hpp"
#include "runners/runner/own_objective.hpp"

#include <algorithm>
#include <cmath>

namespace laggard {
namespace {

namespace json = boost::json;
using namespace option_specs;
using cli::as_given;
using cli::kMany;
using cli::kNonNegative;
using cli::kPositiveOrInfinite;
using Options = std::vector<RunOption>;
using Make = cli::Kinds<RunConfig>;

// What is wrong with these is told whatever the fleet; names of hosts are looked up by the fleets
// that need them.
auto host_and_port(std::string what) {
  return [=](std::string_view text) {
    split_host(text, what);
    return std::string(text);
  };
}

// The value is a name or the path of a plugin; resolve() tells them apart. Printed is the path, so
// that a printed configuration finds the plugin again.
RunOption protocol_option() {
  RunOption option = Make::text(
      {"protocol", group::kRun, "NAME|PATH.so",
       "who is waited for, and whose work counts; a plugin by its path"},
      [](auto& c) { return &c.protocol.name; }, as_given);
  option.print = [](const RunConfig& config) -> json::value {
    return json::string(config.protocol.plugin.empty() ? config.protocol.name
                                                       : config.protocol.plugin);
  };
  return option;
}

RunOption method_option() {
  RunOption option = Make::text(
      {"method", group::kMethod, "NAME|PATH.so",
       "what workers compute, and what an update makes of it; a plugin by its path"},
      [](auto& c) { return &c.method.name; }, as_given);
  option.print = [](const RunConfig& config) -> json::value {
    return json::string(config.method.plugin.empty() ? config.method.name : config.method.plugin);
  };
  return option;
}

Options run_options() {
  return {
      protocol_option(),
      Make::choice(
          {"fleet", group::kRun, "",
           "where workers run: simulated in virtual time, as threads, as processes behind an "
           "embedded "
           "Lambda endpoint, on AWS Lambda, or as processes that you start"},
          [](auto& c) { return &c.fleet.kind; }, {"sim", "threads", "local", "lambda", "external"}),
      Make::integer(
          {"workers", group::kRun, "W", "number of workers"},
          [](auto& c) { return &c.fleet.workers; }, 1, 100'000),
      Make::integer(
          {"shards",
           group::kRun,
           "P",
           "number of shards, at least W; shard p is on worker p mod W",
           {},
           "W"},
          [](auto& c) { return &c.shards; }, 1, kMany),
      Make::integer(
          {"seed", group::kRun, "N", "drives stragglers, nothing else"},
          [](auto& c) { return &c.fleet.seed; }, 0, std::numeric_limits<std::int64_t>::max()),
  };
}

Options problem_options() {
  return {
      Make::text(
          {"data",
           group::kProblem,
           "FILE",
           "samples in svmlight text (.gz, .xz), or a bundled set",
           {},
           "none: synthetic"},
          [](auto& c) { return &c.problem.data; }, as_given),
      synthetic_option(),
      Make::integer(
          {"features",
           group::kProblem,
           "D",
           "fixes the number of features of --data",
           {},
           "what the file holds"},
          [](auto& c) { return &c.problem.features; }, 1, kMany),
      Make::text(
          {"loss", group::kProblem, "SPEC",
           "logistic, squared, huber:DELTA, squared_hinge or hinge"},
          [](auto& c) { return &c.problem.loss; },
          [](std::string_view spec) { return make_loss(spec)->spec(); }),
      Make::text(
          {"regularizer", group::kProblem, "SPEC",
           "none, l1:L, l2:L, elastic_net:L1,L2, box:LO,HI, nonnegative or group_l2:L,SIZE"},
          [](auto& c) { return &c.problem.regularizer; },
          [](std::string_view spec) { return make_regularizer(spec)->spec(); }),
      Make::choice({"sharding",
                    group::kProblem,
                    "",
                    "how samples are dealt to shards",
                    {},
                    "shuffle; contiguous for synthetic samples"},
                   [](auto& c) { return &c.problem.sharding; },
                   {"contiguous", "round_robin", "shuffle"}),
      Make::integer(
          {"shuffle-seed", group::kProblem, "N", "drives the shuffling of samples, nothing else"},
          [](auto& c) { return &c.problem.shuffle_seed; }, 0,
          std::numeric_limits<std::int64_t>::max()),
      validation_option(),
      validation_seed_option(),
  };
}

Options method_options() {
  return {
      method_option(),
      Make::choice({"wire", group::kMethod, "",
                    "how z and x are sent: as doubles, or rounded to floats, which every fleet "
                    "does alike"},
                   [](auto& c) { return &c.wire; }, {"f64", "f32"}),
  };
}

Options stopping_options() {
  return {
      stop_option(),
      Make::real(
          {"eps-primal", group::kStopping, "E", "primal tolerance of paper and absolute"},
          [](auto& c) { return &c.session.stopping.eps_primal; }, kNonNegative),
      Make::real(
          {"eps-dual", group::kStopping, "E", "dual tolerance of paper and absolute"},
          [](auto& c) { return &c.session.stopping.eps_dual; }, kNonNegative),
      Make::real(
          {"eps-abs", group::kStopping, "E",
           "absolute tolerance of boyd, and of what certified proposes"},
          [](auto& c) { return &c.session.stopping.eps_abs; }, kNonNegative),
      Make::real(
          {"eps-rel", group::kStopping, "E",
           "relative tolerance of boyd, and of what certified proposes"},
          [](auto& c) { return &c.session.stopping.eps_rel; }, kNonNegative),
      Make::real(
          {"eps-gap", group::kStopping, "E",
           "certified: the relative gap, proved by a bound of the optimum, that ends the run"},
          [](auto& c) { return &c.session.stopping.eps_gap; }, {.max = 1, .min_excluded = true}),
      target_gap_option(),
      target_loss_option(),
      Make::text(
          {"reference",
           group::kStopping,
           "HOW",
           "the optimum that gaps are measured against: none, auto (solved for, then cached), or "
           "its value",
           {},
           "none; auto with --target-gap"},
          [](auto& c) { return &c.reference; }, canonical_reference),
      Make::integer(
          {"max-rounds", group::kStopping, "K", "most rounds (updates of z)", {}, "none"},
          [](auto& c) { return &c.session.max_rounds; }, 0, kMany),
      Make::integer(
          {"max-tasks",
           group::kStopping,
           "N",
           "most tasks: the run ends at the first update with so many sent",
           {},
           "1000 max(W, P); none with --max-rounds or --max-passes"},
          [](auto& c) { return &c.session.max_tasks; }, 0, kMany),
      Make::real({"max-passes", group::kStopping, "N",
                  "most sweeps over the whole data, by all workers together"},
                 [](auto& c) { return &c.session.max_passes; },
                 {.min_excluded = true, .infinite = "none"}),
      Make::seconds(
          {"time-limit", group::kStopping, "S", "seconds, in the fleet's own time: virtual on sim"},
          [](auto& c) { return &c.session.time_limit; },
          {.min_excluded = true, .infinite = "none"}),
  };
}

// The default of what a fleet model has a constant for.
const std::string kOfModel = "of the fleet model";

Options fleet_options() {
  const std::string in = group::kFleetModel;
  return {
      Make::text(
          {"fleet-model", in, "NAME|FILE.json",
           "constants of a kind of fleet, each with its source (runner fleets); the options below "
           "overrule them"},
          [](auto& c) { return &c.fleet.model; },
          [](std::string_view name) {
            find_fleet_model(name, "--fleet-model");
            return std::string(name);
          }),
      Make::text(
          {"straggler",
           in,
           "SPEC",
           "none, fixed:T1,T2,..., shifted_exponential, pareto, lognormal, bimodal, markov, "
           "persistent, lambda: workers that live on, or invocations: one invocation a "
           "task; parameters by name, as in bimodal:p=0.05,factor=10; trace:FILE: a recorded "
           "run's workers.csv.gz; crash:p=P: workers die; joined by +",
           {},
           "the fleet model's on sim, else none"},
          [](auto& c) { return &c.fleet.straggler; }, canonical_straggler),
      Make::choice({"topology", in, "",
                    "how messages travel: straight to the coordinator; of sync alone, over a tree "
                    "of workers that add them up; of gossip, always from worker to worker"},
                   [](auto& c) { return &c.fleet.sim.network.topology; },
                   {"star", "tree", "direct"}),
      Make::real(
          {"latency", in, "S", "seconds, one way", {}, kOfModel},
          [](auto& c) { return &c.fleet.sim.network.latency; }, kNonNegative),
      Make::real(
          {"bandwidth",
           in,
           "B",
           "bytes a second of each worker; inf sets --coordinator-bandwidth too",
           {},
           kOfModel},
          [](auto& c) { return &c.fleet.sim.network.bandwidth; }, kPositiveOrInfinite),
      Make::real(
          {"coordinator-bandwidth", in, "B", "bytes a second, shared by all workers", {}, kOfModel},
          [](auto& c) { return &c.fleet.sim.network.coordinator_bandwidth; }, kPositiveOrInfinite),
      service_time_option(),
      Make::integer(
          {"masters", in, "M", "threads of the coordinator that receive reports", {}, kOfModel},
          [](auto& c) { return &c.fleet.sim.network.masters; }, 1, 100'000),
      Make::real(
          {"cold-start",
           in,
           "S",
           "seconds, besides the loading of the shard; 0: all ready at time 0",
           {},
           kOfModel},
          [](auto& c) { return &c.fleet.sim.cold_start; }, kNonNegative),
      Make::real(
          {"invoke-rate",
           in,
           "R",
           "workers started a second",
           {},
           "of the fleet model on sim, else 100"},
          [](auto& c) { return &c.fleet.function.invoke_rate; }, kPositiveOrInfinite),
      Make::real({"memory-mb",
                  in,
                  "MB",
                  "memory of a worker; below 1769 it has less than one CPU",
                  {},
                  "of the fleet model on sim, else 1769"},
                 [](auto& c) { return &c.fleet.function.memory_mb; }, {.min = 128, .max = 10240}),
      Make::seconds({"function-timeout",
                     in,
                     "S",
                     "seconds an invocation may last; before that its worker is handed over",
                     {},
                     "of the fleet model on sim, else 900"},
                    [](auto& c) { return &c.fleet.function.timeout; },
                    {.min_excluded = true, .infinite = "none"}),
  };
}

Options process_options() {
  const std::string in = group::kProcesses;
  return {
      Make::text(
          {"worker",
           in,
           "FILE",
           "local, external: the worker program",
           {},
           "laggard-worker beside this program"},
          [](auto& c) { return &c.fleet.processes.program; }, as_given),
      Make::text(
          {"listen", in, "ADDRESS:PORT", "where workers dial in; port 0: a free one"},
          [](auto& c) { return &c.fleet.processes.listen; }, host_and_port("--listen")),
      Make::text(
          {"advertise",
           in,
           "HOST:PORT",
           "what workers dial, where that is not what is listened on",
           {},
           "--listen"},
          [](auto& c) { return &c.fleet.processes.advertise; }, host_and_port("--advertise")),
      Make::choice({"transport", in, "", "TLS 1.3 with a key of the run, or on loopback plain TCP"},
                   [](auto& c) { return &c.fleet.processes.plain; }, {"tls", "plain"}),
      Make::text(
          {"shard-source", in, "HOW",
           "where workers get their rows: auto (made by themselves if synthetic, else sent by the "
           "coordinator), coordinator, or a FILE or http(s) URL of what pack-shards wrote"},
          [](auto& c) { return &c.fleet.processes.shard_source; }, as_given),
      Make::seconds({"start-timeout", in, "S",
                     "seconds from invocation to ready, before a start is given up; external: "
                     "until the first "
                     "worker comes, before the run is (there: none unless given)"},
                    [](auto& c) { return &c.fleet.lifecycle.start_timeout; },
                    {.min_excluded = true, .infinite = "none"}),
      Make::text(
          {"function", in, "NAME", "lambda: the function, NAME or NAME:VERSION", {}, "none"},
          [](auto& c) { return &c.fleet.invoke.function; }, as_given),
      Make::text(
          {"region", in, "R", "lambda: the region", {}, "of the environment or profile"},
          [](auto& c) { return &c.fleet.invoke.region; }, as_given),
      Make::text(
          {"endpoint", in, "URL", "lambda: the service", {}, "AWS in --region"},
          [](auto& c) { return &c.fleet.invoke.endpoint; }, as_given),
      Make::real({"max-usd", in, "USD", "ends the run before invocations cost more, at list price"},
                 [](auto& c) { return &c.fleet.invoke.max_usd; },
                 {.min_excluded = true, .infinite = "none"}),
      Make::integer(
          {"concurrency", in, "N", "local: most invocations at a time"},
          [](auto& c) { return &c.fleet.local.concurrency; }, 1, 100'000),
      Make::real(
          {"scaling-rate", in, "N", "local: new environments in 10 s"},
          [](auto& c) { return &c.fleet.local.scaling_rate; }, kPositiveOrInfinite),
      faults_option(),
      Make::text(
          {"emulator",
           in,
           "FILE",
           "local: the AWS Runtime Interface Emulator, to run workers behind",
           {},
           "none"},
          [](auto& c) { return &c.fleet.local.emulator; }, as_given),
      Make::text(
          {"endpoint-log",
           in,
           "FILE",
           "local: what the endpoint does and workers print, appended to FILE",
           {},
           "none"},
          [](auto& c) { return &c.fleet.local.log; }, as_given),
      Make::text(
          {"seats",
           in,
           "DIR",
           "external: where the secrets lie that workers are started with",
           {},
           "a new directory for temporary files"},
          [](auto& c) { return &c.fleet.processes.seats; }, as_given),
  };
}

RunOption serve_option() {
  RunOption option = Make::integer(
      {"serve",
       group::kOutput,
       "PORT",
       "a page on http://127.0.0.1:PORT/ that follows the run, until its end",
       {},
       "none; without PORT a free one"},
      [](auto& c) { return &c.output.serve; }, 0, 65535);
  option.bare_value = "0";
  return option;
}

Options output_options() {
  const std::string in = group::kOutput;
  return {
      Make::text(
          {"output",
           in,
           "DIR",
           "keeps the results: run.json, a row a round, a row a task",
           {},
           "none"},
          [](auto& c) { return &c.output.directory; }, as_given),
      Make::flag({"overwrite", in, "",
                  "replaces the results of a finished run in --output, a checkpoint or a trace"},
                 [](auto& c) { return &c.output.overwrite; }),
      Make::choice(
          {"on-full-disk", in, "",
           "where --output or --trace cannot be written any more, the run ends or goes on without"},
          [](auto& c) { return &c.output.go_on_without_files; }, {"stop", "go-on"}),
      Make::text(
          {"checkpoint", in, "DIR", "keeps the newest state of the run, for --resume", {}, "none"},
          [](auto& c) { return &c.output.checkpoint; }, as_given),
      Make::integer(
          {"every", in, "N", "rounds between two checkpoints"},
          [](auto& c) { return &c.output.every; }, 1, kMany),
      Make::text(
          {"resume",
           in,
           "DIR",
           "goes on from the checkpoint in DIR, on whatever fleet",
           {},
           "none"},
          [](auto& c) { return &c.output.resume; }, as_given),
      Make::text(
          {"trace",
           in,
           "FILE.json.gz",
           "writes the run down as Perfetto and chrome://tracing read it; FILE.json is not packed",
           {},
           "none"},
          [](auto& c) { return &c.output.trace; }, as_given),
      serve_option(),
      Make::flag({"json", in, "", "one JSON object on stdout; what people read goes to stderr"},
                 [](auto& c) { return &c.output.json; }),
      Make::flag({"quiet", in, "", "silences all but errors and --json"},
                 [](auto& c) { return &c.output.quiet; }),
      Make::choice(
          {"progress", in, "",
           "auto: with colour and a live line on a terminal; lines: without; none: no rounds"},
          [](auto& c) { return &c.output.progress; }, {"auto", "lines", "none"}),
      Make::flag(
          {"print-config", in, "", "prints the configuration, as --config takes it, and ends"},
          [](auto& c) { return &c.output.print_config; }),
  };
}

Options make_options() {
  Options all;
  for (auto* group : {run_options, problem_options, method_options, stopping_options, fleet_options,
                      process_options, output_options}) {
    for (RunOption& option : group()) all.push_back(std::move(option));
  }
  add_needs(all);
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

const std::vector<RunOption>& options() {
  static const Options all = make_options();
  return all;
}

const RunOption* find_option(std::string_view name) { return cli::find(options(), name); }

bool has_effect(const RunOption& option, const RunConfig& config) {
  if (has_own_objective(config) && is_of_phi(option.name)) return false;
  if (option.only_with.empty()) return true;
  const json::value value = find_option(option.only_with)->print(config);
  if (option.only_values.empty()) return !value.is_null();
  return value.is_string() && std::find(option.only_values.begin(), option.only_values.end(),
                                        value.as_string()) != option.only_values.end();
}

namespace {

// The options of a protocol or a method. A name that both have is told with whose it is.
template <class Registry>
void add_own(json::object& object, const Registry& registry, const std::string& owner,
             const char* kind, const OptionValues& values, const OptionValues& others) {
  const auto found = registry.find(owner);
  for (const auto& [name, value] : values) {
    const OptionSpec* option =
        found == registry.end() ? nullptr : find_option(found->second.options, name);
    if (option && !has_effect(*option, values)) continue;
    object.emplace(others.contains(name) ? fmt::format("{}.{}", kind, name) : name, json_of(value));
  }
}

}  // namespace

json::object configuration_json(const RunConfig& config) {
  json::object object;
  for (const RunOption& option : options()) {
    if (option.name == "print-config" || !has_effect(option, config)) continue;
    json::value value = option.print(config);
    if (!value.is_null()) object.emplace(option.name, std::move(value));
  }
  add_own(object, protocols(), config.protocol.name, "protocol", config.setup.values,
          config.method.options);
  add_own(object, methods(), config.method.name, "method", config.method.options,
          config.setup.values);
  return object;
}

}  // namespace laggard
