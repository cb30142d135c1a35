#include "runners/runner/execute.hpp"

#include "core/io/error.hpp"
#include "core/io/parse.hpp"
#include "core/method/method.hpp"
#include "core/problem/svmlight.hpp"
#include "core/reference/reference.hpp"
#include "core/schedule/checkpoint.hpp"
#include "core/schedule/run.hpp"
#include "runners/fleets/sim/sim_fleet.hpp"
#include "runners/fleets/threads/thread_fleet.hpp"
#include "runners/runner/installation.hpp"
#include "runners/runner/made_with.hpp"
#include "runners/runner/memory_need.hpp"
#include "runners/runner/process_fleet.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <thread>

namespace laggard {
namespace {

int cores() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

}  // namespace

Problem load_problem(const RunConfig& config, RunObserver& observer) {
  Problem problem;
  problem.loss = make_loss(config.loss);
  problem.regularizer = make_regularizer(config.regularizer);
  problem.shards = config.shard_count;
  Dataset data;
  if (config.data.empty()) {
    observer.on_phase("generating " + config.synthetic.text());
    data = make_synthetic(config.synthetic, cores(), bytes_per_feature(config));
  } else {
    observer.on_phase("reading " + config.data);
    ReadOptions options;
    options.features = config.features;
    options.classification = problem.loss->is_classification();
    options.bytes_per_feature = bytes_per_feature(config);
    data = read_svmlight(data_file(config.data), options);
  }
  if (problem.shards > data.samples())
    throw Error(fmt::format("{} {}: more shards than samples; {} has {}, expected at most as many",
                            config.shards ? "--shards" : "--workers", problem.shards, data.name,
                            data.samples()));
  problem.data = std::make_shared<Dataset>(
      arrange(std::move(data), config.sharding, problem.shards, config.seed));
  return problem;
}

namespace {

std::optional<Reference> find_reference(const RunConfig& config, const Problem& problem,
                                        RunObserver& observer,
                                        const std::atomic<bool>& interrupted) {
  if (config.reference == "none") return std::nullopt;
  Reference reference;
  if (config.reference == "auto") {
    observer.on_phase("solving for the reference optimum");
    return reference_optimum(problem, default_cache_directory(), cores(),
                             [&] { return interrupted.load(); });
  }
  reference.objective = parse_real(config.reference, "--reference", -kInfinity, kInfinity);
  return reference;
}

NetworkOptions network_options(const RunConfig& config, int masters) {
  NetworkOptions options;
  options.latency = config.latency;
  options.bandwidth = config.bandwidth;
  options.coordinator_bandwidth = config.coordinator_bandwidth;
  options.service_seconds = config.service_seconds;
  options.service_seconds_per_number = config.service_seconds_per_number;
  options.masters = masters;
  return options;
}

// The shards that each worker loads.
std::vector<std::vector<ShardId>> placement(const RunConfig& config) {
  ProtocolSetup setup;
  setup.workers = config.workers;
  setup.shards = config.shard_count;
  setup.shards_given = config.shards.has_value();
  setup.values = config.protocol_options;
  const auto shards_of = protocols().find(config.protocol)->second.shards_of;
  std::vector<std::vector<ShardId>> placed(static_cast<std::size_t>(config.workers));
  for (WorkerId w = 0; w < config.workers && shards_of; ++w)
    placed[static_cast<std::size_t>(w)] = shards_of(w, setup);
  for (ShardId p = 0; p < config.shard_count && !shards_of; ++p)
    placed[static_cast<std::size_t>(p % config.workers)].push_back(p);
  return placed;
}

std::vector<Time> load_times(const Network& network, const WorkerHalf& half,
                             const RunConfig& config) {
  std::vector<Time> load;
  for (const std::vector<ShardId>& shards : placement(config)) {
    std::int64_t bytes = 0;
    for (const ShardId p : shards) bytes += half.shard_bytes(p);
    load.push_back(network.over_link(bytes));
  }
  return load;
}

std::unique_ptr<Fleet> make_fleet(const RunConfig& config, const Problem& problem,
                                  const MethodHalves& method, RunInfo& info,
                                  const std::atomic<bool>& interrupted) {
  if (has_processes(config.fleet))
    return make_process_fleet(config, problem, *method.coordinator, placement(config), info.notices,
                              interrupted);
  auto straggler = make_straggler(info.straggler, config.seed, config.workers);
  if (config.fleet == FleetKind::threads)
    return std::make_unique<ThreadFleet>(config.workers, *method.worker, std::move(straggler));
  SimOptions options;
  options.workers = config.workers;
  options.network = network_options(config, info.masters);
  options.memory_mb = config.memory_mb;
  options.threads = cores();
  options.cold_start = config.cold_start;
  options.invoke_rate = config.invoke_rate;
  options.load = load_times(Network(options.network), *method.worker, config);
  options.function_timeout = from_seconds(config.function_timeout);
  return std::make_unique<SimFleet>(options, *method.worker, std::move(straggler));
}

// The checkpoint to go on from, with all checked that can be before there is a problem.
std::optional<Checkpoint> find_checkpoint(const RunConfig& config) {
  if (config.resume.empty()) return std::nullopt;
  Checkpoint checkpoint = read_checkpoint(config.resume);
  check_made_with(checkpoint, made_with(config), config.resume);
  return checkpoint;
}

std::unique_ptr<CheckpointWriter> make_writer(const RunConfig& config, MadeWith own) {
  if (config.checkpoint.empty()) return nullptr;
  std::error_code error;
  const bool goes_on = !config.resume.empty() &&
                       std::filesystem::equivalent(config.resume, config.checkpoint, error);
  return std::make_unique<CheckpointWriter>(config.checkpoint, std::move(own),
                                            config.overwrite || goes_on);
}

void resume(Run& run, const Checkpoint& checkpoint, const std::string& directory) {
  try {
    run.resume(checkpoint.state);
  } catch (const Error& error) {
    throw Error(fmt::format("--resume: the state in {} {}", directory, error.what()));
  }
}

SessionOptions session_options(const RunConfig& config, const std::optional<Reference>& reference) {
  SessionOptions options;
  options.stopping = {config.stop.value(), config.eps_primal, config.eps_dual, config.eps_abs,
                      config.eps_rel};
  options.target_gap = config.target_gap;
  if (reference) options.reference = reference->objective;
  options.max_rounds = config.max_rounds;
  options.time_limit = from_seconds(config.time_limit);
  options.threads = cores();
  options.protocol_options = config.protocol_options;
  return options;
}

RunInfo describe(const RunConfig& config, const Problem& problem,
                 const std::optional<Reference>& reference) {
  RunInfo info;
  info.data_name = problem.data->name;
  info.samples = problem.data->samples();
  info.features = problem.features();
  info.nonzeros = problem.data->a.nonzeros();
  info.data_sha256 = problem.data->sha256;
  info.problem_fingerprint = fingerprint(problem);
  info.workers = config.workers;
  info.shards = problem.shards;
  info.masters = config.masters.value();
  info.straggler = config.straggler;
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

}  // namespace

RunResult execute(const RunConfig& config, RunObserver& observer,
                  const std::atomic<bool>& interrupted) {
  const auto protocol = protocols().find(config.protocol);
  LAGGARD_ASSERT(protocol != protocols().end(), "protocol " + config.protocol);
  const std::optional<Checkpoint> checkpoint = find_checkpoint(config);
  const Problem problem = load_problem(config, observer);
  const MethodHalves method =
      make_halves(methods().at(config.method), problem, config.method_options, config.wire,
                  config.max_age, cores());
  const std::optional<Reference> reference = find_reference(config, problem, observer, interrupted);
  RunResult result;
  result.info = describe(config, problem, reference);
  MadeWith own = made_with(config);
  own.emplace_back("problem", result.info.problem_fingerprint);
  SessionOptions asked = session_options(config, reference);
  if (checkpoint) {
    check_made_with(*checkpoint, own, config.resume);
    result.info.notices.push_back(
        fmt::format("goes on after round {} of {}", checkpoint->round, config.resume));
    result.info.resumed_round = checkpoint->round;
  }
  const std::unique_ptr<CheckpointWriter> writer = make_writer(config, std::move(own));
  if (writer)
    asked.checkpoint = [&](int round, std::string state) {
      writer->write(round, std::move(state));
    };
  asked.checkpoint_every = config.every;
  if (has_processes(config.fleet)) observer.on_phase("preparing the fleet");
  const std::unique_ptr<Fleet> fleet =
      make_fleet(config, problem, method, result.info, interrupted);
  Run run(*fleet, problem, *method.coordinator, asked, observer, interrupted);
  if (checkpoint) resume(run, *checkpoint, config.resume);
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
