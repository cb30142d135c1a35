// What a coded update costs the coordinator beside the sums: making the code once, and decoding a
// pattern of arrivals for the first time or again.
#include "core/coding/gradient_code.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>

namespace {

using laggard::GradientCode;

std::vector<bool> random_pattern(int workers, int missing, std::mt19937& generator) {
  std::vector<bool> arrived(static_cast<std::size_t>(workers), true);
  std::fill_n(arrived.begin(), missing, false);
  std::shuffle(arrived.begin(), arrived.end(), generator);
  return arrived;
}

void make(benchmark::State& state) {
  const auto workers = static_cast<int>(state.range(0)), s = static_cast<int>(state.range(1));
  for (auto _ : state) benchmark::DoNotOptimize(GradientCode(workers, s, 1));
}

void decode_new(benchmark::State& state) {
  const auto workers = static_cast<int>(state.range(0)), s = static_cast<int>(state.range(1));
  GradientCode code(workers, s, 1);
  std::mt19937 generator(1);
  for (auto _ : state) {
    state.PauseTiming();
    const std::vector<bool> arrived = random_pattern(workers, s, generator);
    state.ResumeTiming();
    benchmark::DoNotOptimize(code.decode(arrived).error);
  }
}

void decode_cached(benchmark::State& state) {
  const auto workers = static_cast<int>(state.range(0)), s = static_cast<int>(state.range(1));
  GradientCode code(workers, s, 1);
  std::mt19937 generator(1);
  const std::vector<bool> arrived = random_pattern(workers, s, generator);
  for (auto _ : state) benchmark::DoNotOptimize(code.decode(arrived).error);
}

void sizes(benchmark::internal::Benchmark* bench) {
  bench->Args({64, 4})->Args({256, 4})->Args({256, 16});
}

BENCHMARK(make)->Apply(sizes)->Unit(benchmark::kMillisecond);
BENCHMARK(decode_new)->Apply(sizes)->Unit(benchmark::kMicrosecond);
BENCHMARK(decode_cached)->Apply(sizes)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
