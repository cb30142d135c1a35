// The sweeps that conjugate gradients consist of, over all rows of the paper's instance and over a
// 64th of them, which fits into the caches; and a Cholesky factor by multiply-adds, to compare.
#include "core/problem/cholesky.hpp"
#include "core/problem/kernel.hpp"
#include "core/problem/synthetic.hpp"

#include <benchmark/benchmark.h>

#include <vector>

namespace {

using namespace laggard;

const Dataset& paper_instance() {
  static const Dataset data = make_synthetic(parse_synthetic("n=600000,d=10000,density=0.001"), 2);
  return data;
}

Rows part(const benchmark::State& state) {
  const Dataset& data = paper_instance();
  return {&data, 0, data.samples() / state.range(0)};
}

void margins(benchmark::State& state) {
  const Rows rows = part(state);
  const std::vector<double> x(static_cast<std::size_t>(rows.features()), 0.1);
  std::vector<double> margin(static_cast<std::size_t>(rows.count()));
  for (auto _ : state) {
    kernel::margins(rows, x, margin);
    benchmark::DoNotOptimize(margin.data());
  }
  state.SetItemsProcessed(state.iterations() * rows.nonzeros());
}
BENCHMARK(margins)->ArgName("shards")->Arg(1)->Arg(64);

void hessian_product(benchmark::State& state) {
  const Rows rows = part(state);
  const std::vector<double> v(static_cast<std::size_t>(rows.features()), 0.1);
  std::vector<double> image(static_cast<std::size_t>(rows.count())), curvature = image, out = v;
  for (auto _ : state) {
    kernel::add_hessian_product(rows, curvature, v, image, out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(2 * state.iterations() * rows.nonzeros());
}
BENCHMARK(hessian_product)->ArgName("shards")->Arg(1)->Arg(64);

void cholesky(benchmark::State& state) {
  const Eigen::Index n = state.range(0);
  const Eigen::MatrixXd matrix = Eigen::MatrixXd::Constant(n, n, 0.5) +
                                 static_cast<double>(n) * Eigen::MatrixXd::Identity(n, n);
  for (auto _ : state) benchmark::DoNotOptimize(Cholesky(matrix).positive_definite());
  state.SetItemsProcessed(state.iterations() * n * n * n / 6);
}
BENCHMARK(cholesky)->ArgName("order")->Arg(13)->Arg(94)->Arg(126)->Arg(500);

}  // namespace

BENCHMARK_MAIN();
