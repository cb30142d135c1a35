// What the simulator costs: one worker-round of sync in virtual time, that is a task, its message,
// the report and its message, all that is written down of them, and a share of the update. The
// mathematics is none, so that all that is measured is the machinery around it.
#include "core/problem/synthetic.hpp"
#include "core/schedule/run.hpp"
#include "runners/fleets/sim/sim_fleet.hpp"

#include <benchmark/benchmark.h>

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

void worker_round(benchmark::State& state) {
  const auto workers = static_cast<int>(state.range(0));
  Problem problem;
  problem.loss = make_loss("squared");
  problem.regularizer = make_regularizer("none");
  problem.shards = workers;
  SyntheticSpec spec = parse_synthetic("n=2,d=1,density=1");
  spec.samples = workers;
  problem.data = std::make_shared<Dataset>(make_synthetic(spec, 1));
  SessionOptions session;
  session.max_rounds = kRounds;
  session.stopping.rule = StopRule::none;
  const std::atomic<bool> never{false};
  const Protocol& sync = protocols().at("sync");
  const Idle half;
  for (auto _ : state) {
    Still method(workers);
    SimFleet fleet(fleet_options(workers), half, make_straggler("lambda", 1, workers));
    Observer nobody;
    Run run(fleet, problem, method, session, nobody, never);
    benchmark::DoNotOptimize(run.run(sync).tasks);
  }
  state.counters["worker_round"] = benchmark::Counter(
      static_cast<double>(workers) * kRounds,
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

}  // namespace

// CPU time of all threads.
BENCHMARK(worker_round)
    ->Arg(256)
    ->Arg(10000)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

BENCHMARK_MAIN();
