#include "runners/runner/process_fleet.hpp"

#include "core/io/error.hpp"
#include "core/wire/proof.hpp"
#include "runners/channels/tls/address.hpp"
#include "runners/fleets/processes/process_fleet.hpp"
#include "runners/fleets/straggler/straggler.hpp"
#include "runners/launchers/external/external_launcher.hpp"
#include "runners/launchers/lambda/invoke_launcher.hpp"
#include "runners/local_lambda/local_lambda.hpp"
#include "runners/runner/host_name.hpp"
#include "runners/runner/installation.hpp"
#include "runners/runner/shard_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>

namespace laggard {
namespace {

namespace fs = std::filesystem;

fs::path beside_this(const RunConfig& config) {
  return worker_beside(!config.method_plugin.empty());
}

fs::path find_worker(const RunConfig& config) {
  const fs::path worker = config.worker.empty() ? beside_this(config) : fs::absolute(config.worker);
  if (!fs::is_regular_file(worker) || ::access(worker.c_str(), X_OK) != 0)
    throw Error(fmt::format("--worker: {} is not a program; expected the path of {}",
                            worker.string(), beside_this(config).filename().string()));
  return worker;
}

// As whoever starts external workers may find it: on their machines, not necessarily on this one.
std::string worker_command(const RunConfig& config) {
  if (!config.worker.empty()) return config.worker;
  const fs::path beside = beside_this(config);
  return fs::exists(beside) ? beside.string() : beside.filename().string();
}

// The straggler model as workers are told it. They open a recorded trace themselves, from wherever
// they were started.
std::string for_workers(const RunConfig& config) {
  make_straggler(config.straggler, config.seed,
                 config.workers);  // what is wrong with it is told here
  constexpr std::string_view kTrace = "trace:";
  const auto at = config.straggler.find(kTrace);
  if (at == config.straggler.npos) return config.straggler;
  if (config.fleet == FleetKind::lambda)
    throw Error(
        "--straggler: a trace is a file of this machine, which functions cannot read; expected "
        "another model");
  const auto begin = at + kTrace.size();
  const auto end = std::min(config.straggler.find('+', begin), config.straggler.size());
  return config.straggler.substr(0, begin) +
         fs::absolute(config.straggler.substr(begin, end - begin)).string() +
         config.straggler.substr(end);
}

std::string sha256_of_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  return sha256_hex(std::as_bytes(std::span(bytes)));
}

Work describe_work(const RunConfig& config, const Problem& problem) {
  Work work;
  work.method = config.method;
  work.method_options = config.method_options;
  if (!config.method_plugin.empty()) {
    if (config.fleet == FleetKind::lambda)
      throw Error(fmt::format(
          "--method: {} is a plugin, which the function's static worker cannot load; expected a "
          "method that is built in",
          config.method_plugin));
    work.plugin = fs::absolute(config.method_plugin).string();
    work.plugin_sha256 = sha256_of_file(work.plugin);
  }
  work.precision = config.wire;
  work.loss = config.loss;
  work.samples = problem.data->samples();
  work.features = problem.features();
  work.shards = problem.shards;
  work.identity = problem.data->identity;
  work.synthetic = config.synthetic;
  work.sharding = config.sharding;
  work.sharding_seed = config.seed;
  work.source = parse_shard_source(config.shard_source, config.data.empty());
  work.straggler = for_workers(config);
  work.straggler_seed = config.seed;
  work.workers = config.workers;
  return work;
}

std::vector<ShardRange> ranges_of(const Work& work, const Problem& problem) {
  const bool file = work.source.kind == ShardSource::Kind::file;
  if (!file && work.source.kind != ShardSource::Kind::http) return {};
  std::vector<ShardRange> ranges = shard_ranges(problem);
  const auto size = static_cast<std::uintmax_t>(ranges.back().offset + ranges.back().bytes);
  if (file && fs::file_size(work.source.location) != size)
    throw Error(fmt::format(
        "--shard-source: {} has {} bytes, the shards of this problem have {}; write it with "
        "runner pack-shards and the same options",
        work.source.location, fs::file_size(work.source.location), size));
  return ranges;
}

std::string dialled(const RunConfig& config) {
  if (config.advertise.empty()) return {};
  return to_text(resolve_host(config.advertise, "--advertise"));
}

LifecycleOptions lifecycle_options(const RunConfig& config) {
  LifecycleOptions options;
  options.workers = config.workers;
  // Whoever starts external workers may take their time.
  options.start_timeout =
      config.fleet == FleetKind::external ? kForever : from_seconds(config.start_timeout);
  options.invoke_rate = config.invoke_rate;
  options.seed = config.seed;
  return options;
}

std::shared_ptr<LocalLambda> start_local(const RunConfig& config) {
  LocalLambdaOptions options;
  options.worker = find_worker(config);
  options.timeout = from_seconds(config.function_timeout);
  options.memory_mb = config.memory_mb;
  options.concurrency = config.concurrency;
  options.scaling_rate = config.scaling_rate;
  options.faults = parse_faults(config.faults);
  options.emulator = config.emulator;
  options.log = config.endpoint_log;
  return std::make_shared<LocalLambda>(options);
}

InvokeOptions invoke_options(const RunConfig& config, std::vector<std::string>& notices) {
  InvokeOptions options;
  options.function = config.function;
  options.region = config.region;
  options.endpoint = config.endpoint;
  options.max_usd = config.max_usd;
  options.retry.seed = config.seed;
  options.notice = [&notices](std::string line) { notices.push_back(std::move(line)); };
  return options;
}

// The embedded endpoint is a service like AWS; its key is made for this run and never leaves it.
void invoke_at(InvokeOptions& options, const LocalLambda& local) {
  const LocalLambdaOptions defaults;
  options.function = defaults.function;
  options.region = defaults.region;
  options.endpoint = local.endpoint();
  Credentials credentials;
  credentials.access_key = defaults.access_key;
  credentials.secret_key = Secret(local.secret_key());
  credentials.source = "the local endpoint";
  options.credentials = std::move(credentials);
  options.files_per_worker = 8;  // this process holds both ends, the worker's pipes and its handle
}

fs::path seat_directory(const RunConfig& config) {
  if (!config.seats.empty()) return fs::absolute(config.seats);
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  const fs::path parent =
      runtime && fs::is_directory(runtime) ? fs::path(runtime) : fs::temp_directory_path();
  return parent / fmt::format("laggard-seats-{}", ::getpid());
}

}  // namespace

std::unique_ptr<Fleet> make_process_fleet(const RunConfig& config, const Problem& problem,
                                          const CoordinatorHalf& method,
                                          std::vector<std::vector<ShardId>> placement,
                                          std::vector<std::string>& notices,
                                          const std::atomic<bool>& interrupted) {
  ProcessFleetOptions options;
  options.workers = config.workers;
  options.listen = resolve_host(config.listen, "--listen");
  options.advertise = dialled(config);
  options.plain = config.plain;
  options.lifecycle = lifecycle_options(config);
  options.work = describe_work(config, problem);
  options.work.most_numbers_down = method.most_numbers_down();
  options.most_numbers_up = method.most_numbers_up();
  options.placement = std::move(placement);
  options.ranges = ranges_of(options.work, problem);
  if (config.fleet == FleetKind::external) {
    const fs::path seats = seat_directory(config);
    notices.push_back(fmt::format("start {} workers, for instance so: {} --seats {}",
                                  config.workers, worker_command(config), seats.string()));
    return std::make_unique<ProcessFleet>(std::move(options), problem, [&](asio::io_context& loop) {
      return std::make_unique<ExternalLauncher>(loop, seats);
    });
  }
  InvokeOptions invoke = invoke_options(config, notices);
  invoke.stop = &interrupted;
  if (config.fleet == FleetKind::local) {
    auto local = start_local(config);
    invoke_at(invoke, *local);
    options.keeps = std::move(local);
  }
  return std::make_unique<ProcessFleet>(std::move(options), problem, [&](asio::io_context& loop) {
    return std::make_unique<InvokeLauncher>(loop, std::move(invoke));
  });
}

}  // namespace laggard
