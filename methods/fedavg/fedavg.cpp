#include "methods/fedavg/fedavg.hpp"

#include "core/io/error.hpp"
#include "core/method/plugin.hpp"
#include "core/problem/vector_ops.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace laggard {
namespace {

enum Scalar { kLocalStep, kLambda, kSamples, kScalars };  // of a task

}  // namespace

bool FedAvgWalk::add(const Task& task, const Part& part, Span sum, Span scalars, Workspace& scratch,
                     const std::atomic<bool>& stop) const {
  LAGGARD_ASSERT(task.scalars.size() == kScalars, "a task that is none of fedavg");
  const double eta = task.scalars[kLocalStep], lambda = task.scalars[kLambda];
  const double n = task.scalars[kSamples];
  const auto rows = static_cast<double>(problem().shard(part.shard).count());  // n_p
  const std::size_t d = sum.size();
  const Span w = sized(scratch.of_method[0], d), g = sized(scratch.of_method[1], d);
  const Span s = sized(scratch.of_method[2], d), r = sized(scratch.of_method[3], d);
  std::copy_n(task.z->data(), d, w.begin());
  std::fill(s.begin(), s.end(), 0.0);
  std::fill(r.begin(), r.end(), 0.0);
  for (std::int64_t i = 0; i < gradients(); ++i) {
    if (stop.load(std::memory_order_relaxed)) return false;
    if (i > 0) add_scaled(r, lambda, w);
    std::fill(g.begin(), g.end(), 0.0);
    const double value = add_gradient({part.shard, 1}, w, g, scratch);
    if (i == 0) scalars[0] += part.coefficient * value;
    add_scaled(s, 1, g);
    if (i + 1 == gradients()) break;
    for (std::size_t j = 0; j < d; ++j) w[j] -= eta * ((n / rows * g[j] + lambda * w[j]) / n);
  }
  if (gradients() > 1 && lambda != 0) add_scaled(s, rows / n, r);
  add_scaled(sum, part.coefficient, s);
  return true;
}

double FedAvgWalk::steepest() const {
  double most = 0;
  for (ShardId p = 0; p < problem().shards; ++p)
    most = std::max(most, lipschitz(p) / static_cast<double>(problem().shard(p).count()));
  return most;
}

FedAvg::FedAvg(SmoothMean objective, int shards, int features, const FedAvgOptions& options)
    : GradientMethod(shards, features, options.precision),
      q_(std::move(objective)),
      options_(options),
      w_(zero()) {}

void FedAvg::form(Task& task) const {
  GradientMethod::form(task);
  task.scalars.resize(kScalars);
  task.scalars[kLocalStep] = options_.local_step;
  task.scalars[kLambda] = options_.lambda;
  task.scalars[kSamples] = q_.samples();
}

Residuals FedAvg::step(const Vector& gradient) {
  const auto k = static_cast<double>(k_++);
  const double alpha = options_.decays ? options_.step_size / std::sqrt(k + 1) : options_.step_size;
  const Vector slope = q_.slope(gradient, *w_);
  w_ = share(*w_ - (alpha * options_.local_step) * (slope / q_.samples()));
  Residuals out;
  const auto steps = static_cast<double>(options_.local_steps);
  out.primal = norm(view(slope)) / steps;
  out.norm_x = norm(view(gradient)) / steps;
  return out;
}

std::string FedAvg::advice_on_divergence() const {
  if (options_.stable_step == 0) return {};
  return fmt::format("--step-size 1 with a --local-step below {:.3g}, 2 / L, is stable",
                     options_.stable_step);
}

void FedAvg::persist_own(StateArchive& archive) {
  archive.value(k_);
  archive.shared(w_);
}

namespace {

void prepare(MethodSetup& setup) {
  refuse_rough(setup, "fedavg");
  need_step(setup, "local-step");
  const auto steps = integer_value(setup.values, "local-steps");
  if (steps > 1 && setup.shards > 1)
    setup.notices.push_back(
        fmt::format("fedavg with --local-steps {} is biased: where shards differ, what it tends "
                    "to is not the optimum",
                    steps));
}

std::unique_ptr<const WorkerHalf> worker(const Problem& problem, const OptionValues& values,
                                         Precision precision) {
  return std::make_unique<FedAvgWalk>(problem, integer_value(values, "local-steps"), precision);
}

std::unique_ptr<CoordinatorHalf> coordinator(const CoordinatorSetup& setup) {
  const auto& walk = dynamic_cast<const FedAvgWalk&>(setup.worker);
  walk.total_lipschitz(setup.threads);  // for steepest(), on all threads
  FedAvgOptions options;
  options.lambda = *setup.problem.regularizer->smooth_curvature();
  const auto samples = static_cast<double>(setup.problem.data->samples());
  const bool smooth = setup.problem.loss->is_smooth();
  const double safe = inverse(walk.steepest() + options.lambda / samples);
  options.local_steps = integer_value(setup.values, "local-steps");
  options.local_step = optional_real(setup.values, "local-step").value_or(safe);
  options.step_size = real_value(setup.values, "step-size");
  options.decays = text_value(setup.values, "step-decay") == "sqrt";
  options.stable_step = smooth ? 2 * safe : 0;
  options.precision = setup.precision;
  return std::make_unique<FedAvg>(SmoothMean(setup), setup.problem.shards, setup.problem.features(),
                                  options);
}

}  // namespace

LAGGARD_METHOD({
    .name = "fedavg",
    .summary = "several gradient steps at each worker, then the mean of where they led",
    .source = "docs/mathematics.md 10.2; McMahan et al., AISTATS 2017",
    .options = {{.name = "local-steps",
                 .min = 1,
                 .max = 1e9,
                 .default_text = "5",
                 .help = "q: steps of a worker between two updates; 1 is gd, more are biased"},
                {.name = "local-step",
                 .type = OptionType::real,
                 .max = 1e300,
                 .default_text = "auto",
                 .help = "eta: how long they are; auto: from the Lipschitz constants of the shards",
                 .word = "auto",
                 .min_excluded = true},
                {.name = "step-size",
                 .type = OptionType::real,
                 .max = 1e300,
                 .default_text = "1",
                 .help = "alpha: the coordinator's step along the mean of the workers'",
                 .min_excluded = true},
                {.name = "step-decay",
                 .type = OptionType::choice,
                 .choices = {"none", "sqrt"},
                 .default_text = "none",
                 .help = "sqrt: alpha / sqrt(k + 1) in update k = 0, 1, ..."}},
    .traits = {.additive = true, .one_point = true, .may_leave_out = true, .takes_kinks = true},
    .prepare = prepare,
    .worker = worker,
    .coordinator = coordinator,
})

}  // namespace laggard
