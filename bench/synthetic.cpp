// How fast the synthetic instance is made and dealt to shards: the paper's, 600,000 x 10,000.
#include "core/problem/synthetic.hpp"
#include "core/problem/sharding.hpp"

#include <benchmark/benchmark.h>

namespace {

void make_paper_instance(benchmark::State& state) {
  const auto spec = laggard::parse_synthetic("n=600000,d=10000,density=0.001");
  for (auto _ : state) {
    benchmark::DoNotOptimize(laggard::make_synthetic(spec, static_cast<int>(state.range(0))));
  }
  state.SetItemsProcessed(state.iterations() * spec.samples * spec.features_per_row());
}
BENCHMARK(make_paper_instance)
    ->ArgName("threads")
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void shuffle_paper_instance(benchmark::State& state) {
  const auto spec = laggard::parse_synthetic("n=600000,d=10000,density=0.001");
  auto data = laggard::make_synthetic(spec, 2);
  for (auto _ : state) data = laggard::arrange(std::move(data), laggard::Sharding::shuffle, 64, 1);
  state.SetItemsProcessed(state.iterations() * data.a.nonzeros());
}
BENCHMARK(shuffle_paper_instance)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
