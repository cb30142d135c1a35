// What a sweep of rows against K centres costs beside one product of each row: a9a, with the
// vectors of each width.
#include "core/problem/kernel.hpp"
#include "core/problem/svmlight.hpp"
#include "core/problem/vector_width.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace {

using namespace laggard;

const Dataset& data() {
  static const Dataset all = read_svmlight(std::string(LAGGARD_DATA_DIR) + "/a9a.svm.gz",
                                           {.features = {}, .classification = false});
  return all;
}

Rows rows() { return {&data(), 0, data().samples()}; }

void margins(benchmark::State& state) {
  const std::vector<double> x(static_cast<std::size_t>(data().features()), 0.1);
  std::vector<double> margin(static_cast<std::size_t>(data().samples()));
  for (auto _ : state) {
    kernel::margins(rows(), x, margin);
    benchmark::DoNotOptimize(margin.data());
  }
}
BENCHMARK(margins)->Unit(benchmark::kMicrosecond);

void nearest(benchmark::State& state) {
  const auto width = static_cast<VectorWidth>(state.range(0));
  if (!cpu_has(width)) return state.SkipWithError("this CPU has no such vectors");
  const VectorWidth before = vector_width();
  set_vector_width(width);
  const auto clusters = static_cast<std::size_t>(state.range(1));
  const std::size_t stride =
      (clusters + kernel::kCentres - 1) / kernel::kCentres * kernel::kCentres;
  const auto d = static_cast<std::size_t>(data().features());
  std::vector<double> table(d * stride, 0), offset(stride, std::numeric_limits<double>::infinity());
  for (std::size_t k = 0; k < clusters; ++k) {
    offset[k] = 0;
    for (std::size_t j = 0; j < d; ++j) {
      const double entry = static_cast<double>((j * 7919 + k * 104729) % 1000) / 1000;
      table[j * stride + k] = entry;
      offset[k] += entry * entry;
    }
  }
  std::vector<std::uint32_t> which(static_cast<std::size_t>(data().samples()));
  std::vector<double> squared(which.size());
  for (auto _ : state) {
    kernel::nearest(rows(), table, offset, which, squared);
    benchmark::DoNotOptimize(which.data());
  }
  set_vector_width(before);
}
BENCHMARK(nearest)
    ->ArgNames({"width", "centres"})
    ->ArgsProduct({{0, 1, 2}, {3, 8, 10, 32}})
    ->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
