#include "methods/agd/agd.hpp"

#include "core/io/error.hpp"
#include "core/method/gradient_sum.hpp"
#include "core/method/plugin.hpp"
#include "core/problem/vector_ops.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace laggard {

Agd::Agd(const Regularizer& regularizer, int shards, int features, const AgdOptions& options)
    : GradientMethod(shards, features, options.precision),
      regularizer_(regularizer),
      samples_(static_cast<double>(options.samples)),
      w_(zero()),
      v_(Vector::Zero(features)) {
  const std::optional<double> lambda = regularizer.smooth_curvature();
  LAGGARD_ASSERT(lambda, "agd with " + regularizer.spec());
  alpha_ = options.step_size.value_or(inverse((options.sum_lipschitz + *lambda) / samples_));
  const double slowest = 1 - std::min(1.0, std::sqrt(alpha_ * *lambda / samples_));
  beta_ = options.momentum.value_or(*lambda > 0 ? slowest * slowest : 0.9);
}

Residuals Agd::step(const Vector& gradient) {
  Vector slope = gradient;  // grad phi(w)
  regularizer_.add_gradient(view(*w_), view(slope));
  v_ = beta_ * v_ + slope / samples_;
  w_ = share(*w_ - alpha_ * v_);
  Residuals out;
  out.primal = norm(view(slope));
  out.norm_x = norm(view(gradient));
  return out;
}

void Agd::persist_own(StateArchive& archive) {
  archive.shared(w_);
  archive.vector(v_);
}

namespace {

void prepare(MethodSetup& setup) {
  if (!setup.regularizer->smooth_curvature())
    throw Error(
        fmt::format("--method agd: needs a smooth regulariser, not {}; expected none or l2:L",
                    setup.regularizer->spec()));
}

std::unique_ptr<CoordinatorHalf> coordinator(const CoordinatorSetup& setup) {
  AgdOptions options;
  options.step_size = optional_real(setup.values, "step-size");
  options.momentum = optional_real(setup.values, "momentum");
  if (!options.step_size) options.sum_lipschitz = sum_lipschitz(setup);
  options.samples = setup.problem.data->samples();
  options.precision = setup.precision;
  const Problem& problem = setup.problem;
  return std::make_unique<Agd>(*problem.regularizer, problem.shards, problem.features(), options);
}

}  // namespace

LAGGARD_METHOD({
    .name = "agd",
    .summary = "gradient steps with momentum (heavy ball) at the coordinator",
    .source = "docs/mathematics.md 5.3; Polyak 1964",
    .options = {step_size_option("the step, for phi/N"),
                momentum_option("the same in every round; auto: from the curvature of h")},
    .traits = {.additive = true, .one_point = true},
    .prepare = prepare,
    .worker = make_gradient_sum,
    .coordinator = coordinator,
})

}  // namespace laggard
