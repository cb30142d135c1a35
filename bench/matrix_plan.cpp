// What `runner matrix FILE plan` takes: reading, expanding and identifying 10,000 cells.
#include "runners/laboratory/matrix/expansion.hpp"
#include "runners/runner/matrix_rules.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>

namespace laggard {
namespace {

// 4 x 5 x 5 x 2 combinations and 50 seeds.
std::string ten_thousand_cells() {
  std::string seeds;
  for (int seed = 1; seed <= 50; ++seed) seeds += fmt::format("{}{}", seed > 1 ? ", " : "", seed);
  return fmt::format(
      R"({{"base": {{"data": "{}/heart.svm.gz", "target-gap": 1e-6}},
          "axes": {{
            "protocol": ["sync", {{"protocol": "async", "min-arrivals": "W/4"}},
                         "partial_barrier", "backup"],
            "workers": [8, 16, 32, 64, 128],
            "straggler": ["none", "bimodal:p=0.05,factor=20", "bimodal:p=0.05,factor=5",
                          "lambda", "invocations"],
            "rho": [1, 10]}},
          "repeat": {{"seed": [{}]}}}})",
      LAGGARD_DATA_DIR, seeds);
}

void plan(benchmark::State& state) {
  const std::string text = ten_thousand_cells();
  const OptionsOfRuns rules;
  for (auto _ : state) {
    const Expansion expansion = expand(parse_matrix(text, "matrix.json"), rules);
    if (expansion.cells.size() != 10'000) state.SkipWithError("not 10,000 cells");
    benchmark::DoNotOptimize(expansion.cells.data());
  }
  state.SetItemsProcessed(state.iterations() * 10'000);
}
BENCHMARK(plan)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace laggard

BENCHMARK_MAIN();
