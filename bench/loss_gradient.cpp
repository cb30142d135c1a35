// The logistic loss and its gradient on the paper's instance, 600,000 x 10,000 with 10 entries a
// row, against two sweeps of Eigen's row-major matrix with std::exp; and the loss of a margin
// alone.
#include "core/problem/loss.hpp"
#include "core/problem/problem.hpp"
#include "core/problem/synthetic.hpp"
#include "core/problem/vector_ops.hpp"

#include <benchmark/benchmark.h>
#include <Eigen/SparseCore>

#include <cmath>

namespace {

using namespace laggard;
using RowMajor = Eigen::SparseMatrix<double, Eigen::RowMajor, int>;

struct Instance {
  Problem problem;
  Vector x;
};

const Instance& instance() {
  static const Instance made = [] {
    Instance out;
    const auto spec = parse_synthetic("n=600000,d=10000,density=0.001");
    out.problem.data = std::make_shared<Dataset>(make_synthetic(spec, 2));
    out.problem.loss = make_loss("logistic");
    out.problem.regularizer = make_regularizer("none");
    out.problem.shards = 1;
    out.x = Vector::LinSpaced(spec.features, -0.01, 0.01);
    return out;
  }();
  return made;
}

// The sum of the losses, and their derivatives, with the functions of the C library.
double std_logistic(const Vector& margin, const Eigen::Map<const Vector>& label, Vector& first) {
  double sum = 0;
  for (Eigen::Index n = 0; n < margin.size(); ++n) {
    const double t = label[n] * margin[n];
    const double e = std::exp(-std::abs(t));
    first[n] = -label[n] * ((t >= 0 ? e : 1.0) / (1.0 + e));
    sum += std::log1p(e) + std::max(0.0, -t);
  }
  return sum;
}

Eigen::Map<const Vector> labels(const Dataset& data) {
  return {data.label.data(), static_cast<Eigen::Index>(data.samples())};
}

void gradient_by_eigen(benchmark::State& state) {
  const Dataset& data = *instance().problem.data;
  RowMajor a(data.samples(), data.features());
  a.reserve(Eigen::VectorXi::Constant(data.samples(), 10));
  for (std::int64_t n = 0; n < data.samples(); ++n)
    for (std::int64_t i = data.a.row_start[n]; i < data.a.row_start[n + 1]; ++i)
      a.insert(static_cast<int>(n), static_cast<int>(data.a.column[i])) = data.a.value[i];
  a.makeCompressed();
  Vector margin(data.samples()), first(data.samples()), gradient(data.features());
  for (auto _ : state) {
    margin.noalias() = a * instance().x;
    benchmark::DoNotOptimize(std_logistic(margin, labels(data), first));
    gradient.noalias() = a.transpose() * first;
    benchmark::DoNotOptimize(gradient.data());
  }
}
BENCHMARK(gradient_by_eigen)->UseRealTime()->Unit(benchmark::kMillisecond);

void gradient(benchmark::State& state) {
  const Instance& made = instance();
  Vector gradient(made.problem.features());
  for (auto _ : state) {
    benchmark::DoNotOptimize(smooth_gradient(made.problem, view(made.x), view(gradient),
                                             static_cast<int>(state.range(0))));
  }
}
BENCHMARK(gradient)->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime()->Unit(
    benchmark::kMillisecond);

constexpr int kMargins = 4096;

void margins_by_std(benchmark::State& state) {
  const Vector margin = Vector::LinSpaced(kMargins, -8, 8), label = Vector::Ones(kMargins);
  Vector first(kMargins);
  const Eigen::Map<const Vector> b(label.data(), kMargins);
  for (auto _ : state) benchmark::DoNotOptimize(std_logistic(margin, b, first));
  state.SetItemsProcessed(state.iterations() * kMargins);
}
BENCHMARK(margins_by_std);

// By vectors of each width: 0 is the baseline, 1 AVX2, 2 AVX-512.
void margins(benchmark::State& state) {
  const auto width = static_cast<VectorWidth>(state.range(0));
  if (!cpu_has(width)) return state.SkipWithError("not on this CPU");
  const VectorWidth before = vector_width();
  set_vector_width(width);
  const Vector margin = Vector::LinSpaced(kMargins, -8, 8), label = Vector::Ones(kMargins);
  Vector first(kMargins);
  for (auto _ : state)
    benchmark::DoNotOptimize(
        instance().problem.loss->derivative(view(margin), view(label), view(first)));
  state.SetItemsProcessed(state.iterations() * kMargins);
  set_vector_width(before);
}
BENCHMARK(margins)->ArgName("width")->DenseRange(0, 2);

}  // namespace

BENCHMARK_MAIN();
