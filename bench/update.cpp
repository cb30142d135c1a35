// What a round of sync asks of the coordinator once the last report has come: taking it in, and
// making the new z, with 256 shards of 10,000 features.
#include "core/io/memory.hpp"
#include "core/problem/regularizer.hpp"
#include "methods/admm/consensus.hpp"
#include "methods/fista/fista.hpp"
#include "methods/gd/gd.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace laggard;

constexpr int kShards = 256, kFeatures = 10000;

// Half of z and some noise: no two steps are alike, so that an acceleration goes on.
Contribution answer(const Task& task) {
  constexpr int kKinds = 61;
  static const std::vector<Vector> noise = [] {
    std::vector<Vector> all;
    for (int kind = 0; kind < kKinds; ++kind) all.push_back(Vector::Random(kFeatures));
    return all;
  }();
  Contribution out;
  out.vectors.push_back(0.5 * *task.z + noise[static_cast<std::size_t>(task.id % kKinds)]);
  return out;
}

void after_the_last_report(benchmark::State& state, CoordinatorHalf& method) {
  keep_freed_memory();  // as the runner does
  TaskId next = 0;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<Task> tasks(kShards);
    for (int p = 0; p < kShards; ++p) {
      Task& task = tasks[static_cast<std::size_t>(p)];
      task.id = next++;
      task.shard = p;
      method.form(task);
    }
    for (int p = 0; p + 1 < kShards; ++p) {
      Task& task = tasks[static_cast<std::size_t>(p)];
      method.accept(task, answer(task));
      task = {};  // a report ends its task
    }
    Contribution last = answer(tasks.back());
    state.ResumeTiming();
    method.accept(tasks.back(), std::move(last));
    benchmark::DoNotOptimize(method.update());
  }
}

// memory: m of the acceleration; the textbook's method is without.
void admm(benchmark::State& state) {
  const auto regularizer = make_regularizer("l1:1");
  ConsensusOptions options;
  options.memory = static_cast<int>(state.range(0));
  if (options.memory > 0) {
    options.relaxation = 1.5;
    options.policy = kRelativeBalancing;
    options.weight = std::make_shared<Vector>(Vector::Ones(kFeatures));
  }
  Consensus method(*regularizer, kShards, kFeatures, options);
  after_the_last_report(state, method);
}
BENCHMARK(admm)->ArgName("memory")->Arg(0)->Arg(5)->Iterations(30)->Unit(benchmark::kMicrosecond);

void gd(benchmark::State& state) {
  const auto regularizer = make_regularizer("l2:1");
  GdOptions options;
  options.step_size = 1e-3;
  Gd method(SmoothMean(*regularizer, kShards, [] { return 1.0; }), kShards, kFeatures, options);
  after_the_last_report(state, method);
}
BENCHMARK(gd)->Iterations(100)->Unit(benchmark::kMicrosecond);

void fista(benchmark::State& state) {
  const auto regularizer = make_regularizer("l1:1");
  FistaOptions options;
  options.step_size = 1e-3;
  FistaMethod method(*regularizer, kShards, kFeatures, options);
  after_the_last_report(state, method);
}
BENCHMARK(fista)->Iterations(100)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
