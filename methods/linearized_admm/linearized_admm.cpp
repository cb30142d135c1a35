#include "methods/linearized_admm/linearized_admm.hpp"

#include "core/io/error.hpp"
#include "core/method/gradient_sum.hpp"
#include "core/method/plugin.hpp"
#include "core/problem/vector_ops.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace laggard {

LinearizedAdmm::LinearizedAdmm(const Regularizer& regularizer, int shards, int features,
                               const LinearizedAdmmOptions& options)
    : GradientMethod(shards, features, options.precision),
      regularizer_(regularizer),
      advice_(options.advice),
      policy_(options.policy),
      rho_(options.rho),
      x_(zero()),
      z_(zero()),
      u_(Vector::Zero(features)) {
  alpha_ = options.step_size.value_or(inverse(options.slack() * options.sum_lipschitz));
}

Residuals LinearizedAdmm::step(const Vector& gradient) {
  const SharedVector x_old = x_, z_old = z_;
  x_ = share((*x_old / alpha_ + rho_ * (*z_old - u_) - gradient) / (1 / alpha_ + rho_));
  Vector z = *x_ + u_;
  regularizer_.prox(view(z), 1 / rho_, view(z));
  z_ = share(std::move(z));
  u_ += *x_ - *z_;
  Residuals out;
  const double moved =
      std::sqrt(std::max(squared_distance(view(*x_), view(*x_old)), farthest_squared(*x_)));
  out.primal = distance(*x_, *z_);
  out.dual = rho_ * distance(*z_, *z_old) + moved / alpha_;
  out.norm_x = norm(view(*x_));
  out.norm_z = norm(view(*z_));
  out.norm_y = rho_ * norm(view(u_));
  adapt_rho(out.primal, rho_ * distance(*z_, *z_old));
  return out;
}

void LinearizedAdmm::persist_own(StateArchive& archive) {
  archive.value(rho_);
  archive.shared(x_);
  archive.shared(z_);
  archive.vector(u_);
}

void LinearizedAdmm::adapt_rho(double primal, double dual) {
  if (!all_fresh()) return;
  const double old = rho_;
  if (primal > policy_.mu * dual)
    rho_ *= policy_.factor;
  else if (dual > policy_.mu * primal)
    rho_ /= policy_.factor;
  if (rho_ != old) u_ *= old / rho_;  // rho u is the dual: it stays where it is
}

namespace {

void prepare(MethodSetup& setup) {
  if (setup.max_age == kAnyAge && !optional_real(setup.values, "step-size"))
    throw Error(
        "--tau: none leaves --method linearized_admm without a step that is safe; expected a "
        "bound, or --step-size VALUE");
}

std::unique_ptr<CoordinatorHalf> coordinator(const CoordinatorSetup& setup) {
  LinearizedAdmmOptions options;
  options.rho = real_value(setup.values, "rho");
  options.policy = parse_penalty_policy(text_value(setup.values, "rho-policy"));
  options.step_size = optional_real(setup.values, "step-size");
  if (!options.step_size) options.sum_lipschitz = total_lipschitz(setup.worker, setup.threads);
  options.max_age = setup.max_age;
  options.precision = setup.precision;
  options.advice = [&worker = setup.worker, threads = setup.threads, slack = options.slack()] {
    return stable_up_to(worker, slack, threads);
  };
  const Problem& problem = setup.problem;
  return std::make_unique<LinearizedAdmm>(*problem.regularizer, problem.shards, problem.features(),
                                          options);
}

std::vector<OptionSpec> options() {
  std::vector<OptionSpec> all = penalty_options();
  all.push_back(step_size_option("the step"));
  return all;
}

}  // namespace

LAGGARD_METHOD({
    .name = "linearized_admm",
    .summary = "ADMM on one copy of x, with a gradient step in the place of local solves",
    .source = "docs/mathematics.md 5.1; Ouyang, Chen, Lan and Pasiliao, SIIMS 2015",
    .options = options(),
    .traits = {.additive = true, .sums_rows = true},
    .prepare = prepare,
    .worker = make_gradient_sum,
    .coordinator = coordinator,
})

}  // namespace laggard
