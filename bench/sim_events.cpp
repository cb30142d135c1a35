// What the simulator costs: one worker-round of sync in virtual time, that is a task, its message,
// the report and its message, all that is written down of them, and a share of the update. The
// mathematics is none, so that all that is measured is the machinery around it.
#include "core/problem/synthetic.hpp"
#include "core/results/rows.hpp"
#include "core/schedule/run.hpp"
#include "runners/fleets/sim/sim_fleet.hpp"
#include "runners/fleets/straggler/trace.hpp"

#include <unistd.h>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

namespace {

using namespace laggard;

constexpr int kRounds = 50;

class Idle final : public WorkerHalf {
 public:
  Contribution compute(const Task&, Workspace&, const std::atomic<bool>&) const override {
    Contribution out;
    out.vectors.push_back(Vector::Zero(1));
    out.passes = 1;
    return out;
  }
  int features() const override { return 1; }
  std::int64_t nonzeros(const Task&) const override { return 1; }
  std::int64_t shard_bytes(ShardId) const override { return 0; }
  std::int64_t min_passes() const override { return 1; }
};

class Still final : public CoordinatorHalf {
 public:
  explicit Still(int shards) : shards_(shards) {}
  int shards() const override { return shards_; }
  int features() const override { return 1; }
  const SharedVector& z() const override { return z_; }
  double rho() const override { return 1; }
  void form(Task& task) const override {
    task.z = z_;
    task.operands.push_back({task.id, z_});
    task.report = report_;
  }
  void accept(const Task&, Contribution) override {}
  void persist(StateArchive&) override {}
  Residuals update(Absent) override { return {}; }

 private:
  int shards_;
  SharedVector z_ = std::make_shared<Vector>(Vector::Zero(1));
  std::shared_ptr<const ReportShape> report_ = std::make_shared<ReportShape>(ReportShape{{1}, 0});
};

SimOptions fleet_options(int workers) {
  SimOptions options;
  options.workers = workers;
  options.work = {.seconds_per_operation = 3e-9, .vector_operations = 5, .task_overhead = 1e-3};
  options.network = {.latency = 5e-4,
                     .bandwidth = 75e6,
                     .coordinator_bandwidth = 1.25e9,
                     .service_seconds = 2e-5,
                     .service_seconds_per_number = 1e-9,
                     .masters = std::max(1, workers / 64)};
  options.threads = 1;
  return options;
}

Problem problem_of(int workers) {
  Problem problem;
  problem.loss = make_loss("squared");
  problem.regularizer = make_regularizer("none");
  problem.shards = workers;
  SyntheticSpec spec = parse_synthetic("n=2,d=1,density=1");
  spec.samples = workers;
  problem.data = std::make_shared<Dataset>(make_synthetic(spec, 1));
  return problem;
}

// A run of sync; returns its tasks.
std::int64_t run_sync(const Problem& problem, int rounds,
                      std::unique_ptr<const StragglerModel> straggler, Observer& observer) {
  static const std::atomic<bool> never{false};
  SessionOptions session;
  session.max_rounds = rounds;
  session.stopping.rule = StopRule::none;
  const Idle half;
  Still method(problem.shards);
  SimFleet fleet(fleet_options(problem.shards), half, std::move(straggler));
  Run run(fleet, problem, method, session, observer, never);
  return run.run(protocols().at("sync")).tasks;
}

void worker_round(benchmark::State& state) {
  const auto workers = static_cast<int>(state.range(0));
  const Problem problem = problem_of(workers);
  Observer nobody;
  for (auto _ : state)
    benchmark::DoNotOptimize(
        run_sync(problem, kRounds, make_straggler("lambda", 1, workers), nobody));
  state.counters["each"] = benchmark::Counter(
      static_cast<double>(workers) * kRounds,
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

// The rows of tasks as --output writes them.
class WrittenRows final : public Observer {
 public:
  void on_task(const TaskRow& row) override { append_row(text, row); }
  std::string text{kWorkersHeader};
};

// What runs of 25 rounds with 256 workers left, each with another seed.
std::vector<std::shared_ptr<const Recording>> recordings(const Problem& problem, int rounds) {
  constexpr int kRecordings = 8;
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / fmt::format("laggard_replays_{}.csv", ::getpid());
  std::vector<std::shared_ptr<const Recording>> read;
  for (std::uint64_t seed = 0; seed < kRecordings; ++seed) {
    WrittenRows rows;
    run_sync(problem, rounds, make_straggler("lambda", seed, problem.shards), rows);
    std::ofstream(file) << rows.text;
    read.push_back(
        std::make_shared<const Recording>(read_recording(file.string(), problem.shards)));
  }
  std::filesystem::remove(file);
  return read;
}

// Many runs of 256 workers and 25 rounds, each with the recorded times of another run, shared out
// among threads. Recordings are read once.
void replays(benchmark::State& state) {
  constexpr int kWorkers = 256, kRecordedRounds = 25;
  const auto runs = static_cast<int>(state.range(0));
  const auto threads = static_cast<int>(state.range(1));
  const Problem problem = problem_of(kWorkers);
  for (auto _ : state) {
    const auto recorded = recordings(problem, kRecordedRounds);
    std::atomic<int> next{0};
    const auto work = [&] {
      Observer nobody;
      for (int run = next++; run < runs; run = next++)
        benchmark::DoNotOptimize(run_sync(
            problem, kRecordedRounds,
            make_trace(recorded[static_cast<std::size_t>(run) % recorded.size()]), nobody));
    };
    std::vector<std::jthread> helpers;
    for (int i = 1; i < threads; ++i) helpers.emplace_back(work);
    work();
  }
}

}  // namespace

// CPU time of all threads.
BENCHMARK(worker_round)
    ->Arg(256)
    ->Arg(10000)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

BENCHMARK(replays)
    ->Args({8, 1})
    ->Args({1000, 1})
    ->Args({1000, 2})
    ->Iterations(1)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

BENCHMARK_MAIN();
