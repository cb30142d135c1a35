#include "runners/runner/execute.hpp"

#include "core/io/error.hpp"
#include "core/io/parse.hpp"
#include "core/method/method.hpp"
#include "core/problem/svmlight.hpp"
#include "core/reference/reference.hpp"
#include "core/schedule/checkpoint.hpp"
#include "core/schedule/run.hpp"
#include "core/wire/proof.hpp"
#include "runners/cli/kinds.hpp"
#include "runners/fleets/sim/sim_fleet.hpp"
#include "runners/fleets/threads/thread_fleet.hpp"
#include "runners/runner/installation.hpp"
#include "runners/runner/made_with.hpp"
#include "runners/runner/memory_need.hpp"
#include "runners/runner/process_fleet.hpp"
#include "runners/runner/shard_file.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <thread>

namespace laggard {
namespace {

int cores() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

// `name`: of data that have so many samples to deal.
void check_shards(const RunConfig& config, std::string_view name, std::int64_t samples) {
  const int shards = config.setup.shards;
  if (shards <= samples) return;
  throw Error(fmt::format(
      "{} {}: more shards than samples; {} has {}{}, expected at most as many",
      shards == config.setup.workers && !config.shards ? "--workers" : "--shards", shards, name,
      samples, config.problem.validation ? " that --validation leaves" : ""));
}

}  // namespace

Problem load_problem(const RunConfig& config, RunObserver& observer) {
  Problem problem;
  problem.loss = make_loss(config.problem.loss);
  problem.regularizer = make_regularizer(config.problem.regularizer);
  problem.shards = config.setup.shards;
  Dataset data;
  if (config.problem.data.empty()) {
    check_shards(config, "synthetic", config.problem.synthetic.samples);
    observer.on_phase("generating " + config.problem.synthetic.text());
    data = make_synthetic(config.problem.synthetic, cores(), bytes_per_feature(config));
  } else {
    observer.on_phase("reading " + config.problem.data);
    ReadOptions options;
    options.features = config.problem.features;
    options.classification =
        problem.loss->is_classification() && methods().at(config.method.name).objective.empty();
    options.bytes_per_feature = bytes_per_feature(config);
    options.threads = cores();
    data = read_svmlight(data_file(config.problem.data), options);
  }
  if (config.problem.validation) {
    problem.validation = std::make_shared<Dataset>(
        hold_out(data, *config.problem.validation, config.problem.validation_seed));
    if (problem.validation->samples() == 0)
      throw Error(
          fmt::format("--validation: {} of the {} rows of {} is less than one; expected "
                      "more",
                      *config.problem.validation, data.samples(), data.name));
  }
  check_shards(config, data.name, data.samples());
  problem.data =
      std::make_shared<Dataset>(arrange(std::move(data), *config.problem.sharding, problem.shards,
                                        config.problem.shuffle_seed, cores()));
  return problem;
}

void check_reference(const RunConfig& config, double objective, std::string_view where) {
  constexpr double kCopied = 1e-9;
  if (config.reference == "none" || config.reference == "auto") return;
  const double given = parse_real(config.reference, "--reference", -kInfinity, kInfinity);
  if (!(relative_gap(objective, given) < -kCopied)) return;
  throw Error(fmt::format(
      "--reference: {} is not the optimum: the objective is {} {}; expected at most that, or auto",
      config.reference, objective, where));
}

namespace {

// Of what each model solves, or of what all do.
std::vector<const Problem*> problems_of(const MethodHalves& method, const Problem& problem) {
  std::vector<const Problem*> problems;
  for (const auto& own : method.problems) problems.push_back(own.get());
  if (problems.empty()) problems.push_back(&problem);
  return problems;
}

std::optional<Reference> find_reference(const RunConfig& config, const Problem& problem,
                                        RunObserver& observer,
                                        const std::atomic<bool>& interrupted) {
  if (config.reference == "none") return std::nullopt;
  Reference reference;
  if (config.reference == "auto") {
    observer.on_phase("solving for the reference optimum");
    return reference_optimum(
        problem, default_cache_directory(), cores(), [&] { return interrupted.load(); },
        [&](const ReferenceProgress& now) {
          observer.on_phase(
              fmt::format("reference optimum: {} passes, phi {:.8g}, kkt {:.1e}, gap {:.1e}",
                          now.passes, now.objective, now.kkt, now.duality_gap));
        });
  }
  const Vector zero = Vector::Zero(problem.features());
  check_reference(config, objective(problem, view(zero), cores()), "at z = 0");
  reference.objective = parse_real(config.reference, "--reference", -kInfinity, kInfinity);
  return reference;
}

// The shards that each worker loads.
std::vector<std::vector<ShardId>> placement(const RunConfig& config) {
  const ProtocolSetup& setup = config.setup;
  const auto shards_of = protocols().find(config.protocol.name)->second.shards_of;
  std::vector<std::vector<ShardId>> placed(static_cast<std::size_t>(setup.workers));
  for (WorkerId w = 0; w < setup.workers && shards_of; ++w)
    placed[static_cast<std::size_t>(w)] = shards_of(w, setup);
  for (ShardId p = 0; p < setup.shards && !shards_of; ++p)
    placed[static_cast<std::size_t>(p % setup.workers)].push_back(p);
  return placed;
}

std::vector<Time> load_times(const Network& network, const WorkerHalf& half,
                             const std::vector<std::vector<ShardId>>& placed) {
  std::vector<Time> load;
  for (const std::vector<ShardId>& shards : placed) {
    std::int64_t bytes = 0;
    for (const ShardId p : shards) bytes += half.shard_bytes(p);
    load.push_back(network.over_link(bytes));
  }
  return load;
}

std::string sha256_of_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  return sha256_hex(std::as_bytes(std::span(bytes)));
}

// The work of the run, as workers that are processes are told it.
Work describe_work(const RunConfig& config) {
  Work work;
  work.method = config.method.name;
  work.method_options = config.method.options;
  if (!config.method.plugin.empty()) {
    if (config.fleet.kind == FleetKind::lambda)
      throw Error(fmt::format(
          "--method: {} is a plugin, which the function's static worker cannot load; expected a "
          "method that is built in",
          config.method.plugin));
    work.plugin = std::filesystem::absolute(config.method.plugin).string();
    work.plugin_sha256 = sha256_of_file(work.plugin);
  }
  work.precision = config.wire;
  work.loss = config.problem.loss;
  work.synthetic = config.problem.synthetic;
  work.sharding = *config.problem.sharding;
  work.sharding_seed = config.problem.shuffle_seed;
  work.source = parse_shard_source(config.fleet.processes.shard_source,
                                   config.problem.data.empty() && !config.problem.validation);
  return work;
}

std::unique_ptr<Fleet> make_fleet(const RunConfig& config, const Problem& problem,
                                  const MethodHalves& method, RunInfo& info,
                                  const std::atomic<bool>& interrupted) {
  const FleetOptions& fleet = config.fleet;
  if (has_processes(fleet.kind))
    return make_process_fleet(fleet, describe_work(config), problem, *method.coordinator,
                              placement(config), info.notices, interrupted);
  const auto who = fleet.sim.said_by.find("straggler");
  auto straggler =
      cli::naming(who == fleet.sim.said_by.end() ? "--straggler" : who->second, "straggler",
                  [&] { return make_straggler(fleet.straggler, fleet.seed, fleet.workers); });
  if (fleet.kind == FleetKind::threads)
    return std::make_unique<ThreadFleet>(fleet.workers, *method.worker, std::move(straggler));
  SimOptions options = fleet.sim;
  options.workers = fleet.workers;
  if (options.network.topology == Topology::tree) options.network.hops = hops_of(fleet.workers);
  options.function = fleet.function;
  options.threads = cores();
  options.placement = placement(config);
  options.load = load_times(Network(options.network), *method.worker, options.placement);
  return std::make_unique<SimFleet>(options, *method.worker, std::move(straggler));
}

// The checkpoint to go on from, with all checked that can be before there is a problem.
std::optional<Checkpoint> find_checkpoint(const RunConfig& config) {
  if (config.output.resume.empty()) return std::nullopt;
  Checkpoint checkpoint = read_checkpoint(config.output.resume);
  check_made_with(checkpoint, made_with(config), config.output.resume);
  return checkpoint;
}

std::unique_ptr<CheckpointWriter> make_writer(const RunConfig& config, MadeWith own) {
  if (config.output.checkpoint.empty()) return nullptr;
  std::error_code error;
  const bool goes_on =
      !config.output.resume.empty() &&
      std::filesystem::equivalent(config.output.resume, config.output.checkpoint, error);
  return std::make_unique<CheckpointWriter>(config.output.checkpoint, std::move(own),
                                            config.output.overwrite || goes_on);
}

void resume(Run& run, const Checkpoint& checkpoint, const std::string& directory) {
  try {
    run.resume(checkpoint.state);
  } catch (const Error& error) {
    throw Error(fmt::format("--resume: the state in {} {}", directory, error.what()));
  }
}

SessionOptions session_options(const RunConfig& config, const std::optional<Reference>& reference) {
  SessionOptions options = config.session;
  if (reference) options.reference = reference->objective;
  options.threads = cores();
  options.checkpoint_every = config.output.every;
  return options;
}

void describe_models(RunInfo& info, const std::vector<const Problem*>& problems,
                     const std::vector<std::optional<Reference>>& references) {
  std::string regularizers;
  for (std::size_t m = 0; m < problems.size(); ++m) {
    const Problem& own = *problems[m];
    info.models.push_back(
        {own.regularizer->spec(), references[m] ? references[m]->objective : kNaN});
    regularizers += own.regularizer->spec() + '\n';
  }
  const Problem& any = *problems.front();
  info.problem_fingerprint =
      fingerprint(any, fmt::format("{}\n{}", any.loss->spec(), regularizers));
}

RunInfo describe(const RunConfig& config, const Problem& problem, const CoordinatorHalf& method,
                 const std::optional<Reference>& reference) {
  RunInfo info;
  info.data_name = problem.data->name;
  info.samples = problem.data->samples();
  info.features = problem.features();
  info.nonzeros = problem.data->a.nonzeros();
  info.data_sha256 = problem.data->sha256;
  const std::string& own = methods().at(config.method.name).objective;
  info.problem_fingerprint =
      own.empty() ? fingerprint(problem)
                  : fingerprint(problem, fmt::format("{}: {} numbers", own, method.features()));
  info.workers = config.fleet.workers;
  info.shards = problem.shards;
  info.masters = config.fleet.sim.network.masters;
  info.straggler = config.fleet.straggler;
  if (reference) {
    info.reference_objective = reference->objective;
    info.reference_kkt = reference->kkt;
    info.reference_cached = reference->from_cache;
  }
  info.notices = config.notices;
  info.notices.insert(info.notices.end(), problem.data->notices.begin(),
                      problem.data->notices.end());
  return info;
}

void add_models(Run& run, const MethodHalves& method, const std::vector<const Problem*>& problems,
                const std::vector<std::optional<Reference>>& references) {
  for (std::size_t m = 1; m <= method.others.size(); ++m) {
    CoordinatorHalf& model = *method.others[m - 1];
    if (problems.size() == 1) {
      run.add_model(model);
      continue;
    }
    std::optional<double> phi;
    if (references[m]) phi = references[m]->objective;
    run.add_model(model, *problems[m], phi);
  }
}

}  // namespace

RunResult execute(const RunConfig& config, RunObserver& observer,
                  const std::atomic<bool>& interrupted) {
  const auto protocol = protocols().find(config.protocol.name);
  LAGGARD_ASSERT(protocol != protocols().end(), "protocol " + config.protocol.name);
  const std::optional<Checkpoint> checkpoint = find_checkpoint(config);
  const Problem problem = load_problem(config, observer);
  const MethodHalves method =
      make_halves(methods().at(config.method.name), problem, config.method.options, config.wire,
                  config.setup.max_age, cores(), config.setup.models);
  const std::vector<const Problem*> problems = problems_of(method, problem);
  std::vector<std::optional<Reference>> references;
  for (const Problem* each : problems)
    references.push_back(find_reference(config, *each, observer, interrupted));
  RunResult result;
  const bool differ = problems.size() > 1;  // models in what they solve
  result.info =
      describe(config, problem, *method.coordinator, differ ? std::nullopt : references.front());
  if (differ) describe_models(result.info, problems, references);
  MadeWith own = made_with(config);
  own.emplace_back("problem", result.info.problem_fingerprint);
  SessionOptions asked = session_options(config, references.front());
  if (checkpoint) {
    check_made_with(*checkpoint, own, config.output.resume);
    result.info.notices.push_back(
        fmt::format("goes on after round {} of {}", checkpoint->round, config.output.resume));
    result.info.resumed_round = checkpoint->round;
  }
  const std::unique_ptr<CheckpointWriter> writer = make_writer(config, std::move(own));
  if (writer)
    asked.checkpoint = [&](int round, std::string state) {
      writer->write(round, std::move(state));
    };
  if (has_processes(config.fleet.kind)) observer.on_phase("preparing the fleet");
  const std::unique_ptr<Fleet> fleet =
      make_fleet(config, problem, method, result.info, interrupted);
  Run run(*fleet, *problems.front(), *method.coordinator, asked, observer, interrupted);
  add_models(run, method, problems, references);
  if (checkpoint) resume(run, *checkpoint, config.output.resume);
  observer.on_fleet(*fleet);
  observer.on_start(result.info);

  result.summary = run.run(protocol->second);
  try {
    if (writer) writer->finish();
  } catch (const Error& error) {
    result.complaint = error.what();
  }
  return result;
}

}  // namespace laggard
