#include "methods/fista/fista.hpp"

#include "core/method/gradient_sum.hpp"
#include "core/method/plugin.hpp"
#include "core/problem/vector_ops.hpp"

#include <cmath>
#include <utility>

namespace laggard {

FistaMethod::FistaMethod(const Regularizer& regularizer, int shards, int features,
                         const FistaOptions& options)
    : GradientMethod(shards, features, options.precision),
      regularizer_(regularizer),
      advice_(options.advice),
      momentum_(options.momentum),
      step_(options.step_size.value_or(inverse(options.sum_lipschitz))),
      x_(zero()),
      y_(zero()) {}

Residuals FistaMethod::step(const Vector& gradient) {
  const SharedVector x_old = x_, y_old = y_;
  Vector x = *y_old - step_ * gradient;
  regularizer_.prox(view(x), step_, view(x));
  x_ = share(std::move(x));
  const double t_old = std::exchange(t_, (1 + std::sqrt(1 + 4 * t_ * t_)) / 2);
  const double momentum = momentum_.value_or((t_old - 1) / t_);
  y_ = share(*x_ + momentum * (*x_ - *x_old));
  Residuals out;
  out.primal = distance(*x_, *y_old) / step_;
  out.norm_x = norm(view(gradient));
  return out;
}

void FistaMethod::persist_own(StateArchive& archive) {
  archive.value(t_);
  archive.shared(x_);
  archive.shared(y_);
}

namespace {

std::unique_ptr<CoordinatorHalf> coordinator(const CoordinatorSetup& setup) {
  FistaOptions options;
  options.step_size = optional_real(setup.values, "step-size");
  options.momentum = optional_real(setup.values, "momentum");
  if (!options.step_size) options.sum_lipschitz = total_lipschitz(setup.worker, setup.threads);
  options.precision = setup.precision;
  options.advice = [&worker = setup.worker, threads = setup.threads] {
    return stable_up_to(worker, 1, threads);
  };
  const Problem& problem = setup.problem;
  return std::make_unique<FistaMethod>(*problem.regularizer, problem.shards, problem.features(),
                                       options);
}

}  // namespace

LAGGARD_METHOD({
    .name = "fista",
    .summary = "accelerated proximal gradient steps at the coordinator",
    .source = "docs/mathematics.md 5.2; Beck and Teboulle, SIIMS 2009",
    .options = {step_size_option("the step"),
                momentum_option("the same in every round; auto: the paper's sequence t_k")},
    .traits = {.additive = true, .sums_rows = true, .one_point = true},
    .worker = make_gradient_sum,
    .coordinator = coordinator,
})

}  // namespace laggard
