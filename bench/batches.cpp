// What a sweep of minibatches costs beside one of the whole shard: f and its gradient over all
// rows, and over the batches of an epoch, one after the other. Both touch each nonzero twice.
#include "core/method/batches.hpp"
#include "core/problem/kernel.hpp"
#include "core/problem/loss.hpp"
#include "core/problem/svmlight.hpp"
#include "core/problem/synthetic.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace {

using namespace laggard;

Problem problem_of(const benchmark::State& state) {
  Problem problem;
  problem.loss = make_loss("logistic");
  problem.regularizer = make_regularizer("none");
  const bool synthetic = state.range(0) != 0;
  problem.data = std::make_shared<Dataset>(
      synthetic ? make_synthetic(parse_synthetic("n=600000,d=10000,density=0.001"), 2)
                : read_svmlight(std::string(LAGGARD_DATA_DIR) + "/a9a.svm.gz",
                                {.features = {}, .classification = true}));
  return problem;
}

struct Scratch {
  explicit Scratch(const Rows& rows)
      : x(static_cast<std::size_t>(rows.features()), 0.1),
        gradient(x.size()),
        margin(static_cast<std::size_t>(rows.count())),
        weight(margin.size()),
        label(margin.size()) {}
  std::vector<double> x, gradient, margin, weight, label;
};

void whole(benchmark::State& state) {
  const Problem problem = problem_of(state);
  const Rows rows = problem.shard(0);
  Scratch s(rows);
  for (auto _ : state) {
    kernel::margins(rows, s.x, s.margin);
    problem.loss->derivative(s.margin, rows.labels(), s.weight);
    kernel::add_transposed(rows, s.weight, s.gradient);
    benchmark::DoNotOptimize(s.gradient.data());
  }
}
BENCHMARK(whole)->ArgName("synthetic")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void batches(benchmark::State& state) {
  const Problem problem = problem_of(state);
  const Rows rows = problem.shard(0);
  const Batches all(problem, {.rows = state.range(1), .seed = 1});
  const std::int64_t an_epoch = batches_an_epoch(rows.count(), 1, state.range(1));
  Scratch s(rows);
  std::int64_t epoch = 0;
  for (auto _ : state) {
    state.PauseTiming();
    all.of(0, epoch, 0);  // the order is drawn once an epoch
    state.ResumeTiming();
    for (std::int64_t b = 0; b < an_epoch; ++b) {
      const Batch batch = all.of(0, epoch, b);
      const Span margin = Span(s.margin).first(batch.rows.size());
      const Span label = Span(s.label).first(batch.rows.size());
      const Span weight = Span(s.weight).first(batch.rows.size());
      for (std::size_t i = 0; i < batch.rows.size(); ++i) label[i] = rows.labels()[batch.rows[i]];
      kernel::margins_of(rows, batch.rows, s.x, margin);
      problem.loss->derivative(margin, label, weight);
      kernel::add_transposed_of(rows, batch.rows, weight, s.gradient);
    }
    benchmark::DoNotOptimize(s.gradient.data());
    ++epoch;
  }
}
BENCHMARK(batches)
    ->ArgNames({"synthetic", "rows"})
    ->ArgsProduct({{0, 1}, {64, 1024, 16384}})
    ->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
