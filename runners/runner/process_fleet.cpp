#include "runners/runner/process_fleet.hpp"

#include "core/io/error.hpp"
#include "core/io/file_lock.hpp"
#include "runners/channels/tls/address.hpp"
#include "runners/fleets/processes/process_fleet.hpp"
#include "runners/fleets/straggler/straggler.hpp"
#include "runners/launchers/external/external_launcher.hpp"
#include "runners/launchers/lambda/invoke_launcher.hpp"
#include "runners/local_lambda/identifiers.hpp"
#include "runners/local_lambda/local_lambda.hpp"
#include "runners/runner/host_name.hpp"
#include "runners/runner/installation.hpp"
#include "runners/runner/shard_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace laggard {
namespace {

namespace fs = std::filesystem;

// Workers that load a method from a plugin are another program.
fs::path worker_of(const Work& work) { return worker_beside(!work.plugin.empty()); }

fs::path find_worker(const FleetOptions& fleet, const Work& work) {
  const std::string& given = fleet.processes.program;
  const fs::path worker = given.empty() ? worker_of(work) : fs::absolute(given);
  if (!fs::is_regular_file(worker) || ::access(worker.c_str(), X_OK) != 0)
    throw Error(fmt::format("--worker: {} is not a program; expected the path of {}",
                            worker.string(), worker_of(work).filename().string()));
  return worker;
}

// As whoever starts external workers may find it: on their machines, not necessarily on this one.
std::string worker_command(const FleetOptions& fleet, const Work& work) {
  if (!fleet.processes.program.empty()) return fleet.processes.program;
  const fs::path beside = worker_of(work);
  return fs::exists(beside) ? beside.string() : beside.filename().string();
}

// The straggler model as workers are told it. They open a recorded trace themselves, from wherever
// they were started.
std::string for_workers(const FleetOptions& fleet) {
  make_straggler(fleet.straggler, fleet.seed,
                 fleet.workers);  // what is wrong with it is told here
  constexpr std::string_view kTrace = "trace:";
  const auto at = fleet.straggler.find(kTrace);
  if (at == fleet.straggler.npos) return fleet.straggler;
  if (fleet.kind == FleetKind::lambda)
    throw Error(
        "--straggler: a trace is a file of this machine, which functions cannot read; expected "
        "another model");
  const auto begin = at + kTrace.size();
  const auto end = std::min(fleet.straggler.find('+', begin), fleet.straggler.size());
  return fleet.straggler.substr(0, begin) +
         fs::absolute(fleet.straggler.substr(begin, end - begin)).string() +
         fleet.straggler.substr(end);
}

Work fill_in(Work work, const FleetOptions& fleet, const Problem& problem) {
  work.samples = problem.data->samples();
  work.features = problem.features();
  work.shards = problem.shards;
  work.identity = problem.data->identity;
  work.straggler = for_workers(fleet);
  work.straggler_seed = fleet.seed;
  work.workers = fleet.workers;
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

std::string dialled(const FleetOptions& fleet) {
  if (fleet.processes.advertise.empty()) return {};
  return to_text(resolve_host(fleet.processes.advertise, "--advertise"));
}

LifecycleOptions lifecycle_options(const FleetOptions& fleet) {
  LifecycleOptions options = fleet.lifecycle;
  options.workers = fleet.workers;
  // How long whoever starts external workers may take is for the launcher to say.
  if (fleet.kind == FleetKind::external) options.start_timeout = kForever;
  options.invoke_rate = fleet.function.invoke_rate;
  options.seed = fleet.seed;
  return options;
}

std::shared_ptr<LocalLambda> start_local(const FleetOptions& fleet, const Work& work) {
  LocalLambdaOptions options = fleet.local;
  options.worker = find_worker(fleet, work);
  options.timeout = fleet.function.timeout;
  options.memory_mb = fleet.function.memory_mb;
  return std::make_shared<LocalLambda>(options);
}

InvokeOptions invoke_options(const FleetOptions& fleet, std::vector<std::string>& notices) {
  InvokeOptions options = fleet.invoke;
  options.retry.seed = fleet.seed;
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

constexpr std::string_view kSeats = "laggard-seats-";

// Those of runs that were killed: of a process that is gone, and with nobody who holds the lock.
void remove_left_seats(const fs::path& parent) {
  std::error_code ignored;
  std::vector<fs::path> left;
  for (fs::directory_iterator entry(parent, ignored), end; !ignored && entry != end;
       entry.increment(ignored)) {
    const std::string name = entry->path().filename().string();
    struct stat status{};
    if (!name.starts_with(kSeats) || ::lstat(entry->path().c_str(), &status) != 0) continue;
    if (!S_ISDIR(status.st_mode) || status.st_uid != ::geteuid()) continue;
    const std::string process =
        name.substr(kSeats.size(), name.find('-', kSeats.size()) - kSeats.size());
    if (!fs::exists("/proc/" + process, ignored)) left.push_back(entry->path());
  }
  for (const fs::path& directory : left) {
    const fs::path file = directory / kCoordinatorFile;
    FileLock lock;
    if (fs::exists(file, ignored) && lock.take(file, "--seats")) fs::remove_all(directory, ignored);
  }
}

fs::path seat_directory(const FleetOptions& fleet) {
  if (!fleet.processes.seats.empty()) return fs::absolute(fleet.processes.seats);
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  const fs::path parent =
      runtime && fs::is_directory(runtime) ? fs::path(runtime) : fs::temp_directory_path();
  remove_left_seats(parent);
  // Nobody can have made it beforehand.
  return parent / fmt::format("{}{}-{}", kSeats, ::getpid(), local::random_hex(8));
}

}  // namespace

std::unique_ptr<Fleet> make_process_fleet(const FleetOptions& fleet, Work work,
                                          const Problem& problem, const CoordinatorHalf& method,
                                          std::vector<std::vector<ShardId>> placement,
                                          std::vector<std::string>& notices,
                                          const std::atomic<bool>& interrupted) {
  ProcessFleetOptions options;
  options.workers = fleet.workers;
  options.listen = resolve_host(fleet.processes.listen, "--listen");
  options.advertise = dialled(fleet);
  options.plain = fleet.processes.plain;
  options.lifecycle = lifecycle_options(fleet);
  options.work = fill_in(std::move(work), fleet, problem);
  options.work.most_numbers_down = method.most_numbers_down();
  options.most_numbers_up = method.most_numbers_up();
  options.placement = std::move(placement);
  options.ranges = ranges_of(options.work, problem);
  if (fleet.kind == FleetKind::external) {
    const fs::path seats = seat_directory(fleet);
    notices.push_back(fmt::format("start {} workers, for instance so: {} --seats {}", fleet.workers,
                                  worker_command(fleet, options.work), seats.string()));
    return std::make_unique<ProcessFleet>(std::move(options), problem, [&](asio::io_context& loop) {
      return std::make_unique<ExternalLauncher>(loop, seats, fleet.lifecycle.start_timeout);
    });
  }
  InvokeOptions invoke = invoke_options(fleet, notices);
  invoke.stop = &interrupted;
  if (fleet.kind == FleetKind::local) {
    auto local = start_local(fleet, options.work);
    invoke_at(invoke, *local);
    const LocalFaults& faults = fleet.local.faults;
    invoke.kills_asked = faults.kill > 0 || faults.kill_every_seconds > 0;
    options.trouble = [endpoint = local.get()] { return endpoint->log_trouble(); };
    options.keeps = std::move(local);
  }
  return std::make_unique<ProcessFleet>(std::move(options), problem, [&](asio::io_context& loop) {
    return std::make_unique<InvokeLauncher>(loop, std::move(invoke));
  });
}

}  // namespace laggard
