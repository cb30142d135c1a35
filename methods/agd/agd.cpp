#include "methods/agd/agd.hpp"

#include "core/method/gradient_sum.hpp"
#include "core/method/plugin.hpp"
#include "core/problem/vector_ops.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace laggard {

Agd::Agd(SmoothMean objective, int shards, int features, const AgdOptions& options)
    : GradientMethod(shards, features, options.precision),
      q_(std::move(objective)),
      alpha_(options.step_size ? *options.step_size : inverse(q_.lipschitz())),
      w_(zero()),
      v_(Vector::Zero(features)) {
  const double slowest = 1 - std::min(1.0, std::sqrt(alpha_ * q_.lambda() / q_.samples()));
  beta_ = options.momentum.value_or(q_.lambda() > 0 ? slowest * slowest : 0.9);
}

Residuals Agd::step(const Vector& gradient) {
  const Vector slope = q_.slope(gradient, *w_);
  v_ = beta_ * v_ + slope / q_.samples();
  w_ = share(*w_ - alpha_ * v_);
  Residuals out;
  out.primal = norm(view(slope));
  out.norm_x = norm(view(gradient));
  return out;
}

std::string Agd::advice_on_divergence() const {
  return q_.stable_below(2 + 2 * beta_, fmt::format("2 (1 + beta) / L at beta = {:.3g}", beta_));
}

void Agd::persist_own(StateArchive& archive) {
  archive.shared(w_);
  archive.vector(v_);
}

namespace {

void prepare(MethodSetup& setup) {
  refuse_rough(setup, "agd");
  need_step(setup);
}

std::unique_ptr<CoordinatorHalf> coordinator(const CoordinatorSetup& setup) {
  AgdOptions options;
  options.step_size = optional_real(setup.values, "step-size");
  options.momentum = optional_real(setup.values, "momentum");
  options.precision = setup.precision;
  return std::make_unique<Agd>(SmoothMean(setup), setup.problem.shards, setup.problem.features(),
                               options);
}

}  // namespace

LAGGARD_METHOD({
    .name = "agd",
    .summary = "gradient steps with momentum (heavy ball) at the coordinator",
    .source = "docs/mathematics.md 5.3; Polyak 1964",
    .options = {step_size_option("the step, for phi/N"),
                momentum_option("the same in every round; auto: from the curvature of h")},
    .traits = {.additive = true, .sums_rows = true, .one_point = true, .takes_kinks = true},
    .prepare = prepare,
    .worker = make_gradient_sum,
    .coordinator = coordinator,
})

}  // namespace laggard
