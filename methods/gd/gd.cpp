#include "methods/gd/gd.hpp"

#include "core/method/gradient_sum.hpp"
#include "core/method/plugin.hpp"
#include "core/problem/vector_ops.hpp"

#include <utility>

namespace laggard {

Gd::Gd(SmoothMean objective, int shards, int features, const GdOptions& options)
    : GradientMethod(shards, features, options.precision),
      q_(std::move(objective)),
      alpha_(options.step_size ? *options.step_size : inverse(q_.lipschitz())),
      w_(zero()) {}

Residuals Gd::step(const Vector& gradient) {
  const Vector slope = q_.slope(gradient, *w_);
  w_ = share(*w_ - alpha_ * (slope / q_.samples()));
  Residuals out;
  out.primal = norm(view(slope));
  out.norm_x = norm(view(gradient));
  return out;
}

std::string Gd::advice_on_divergence() const { return q_.stable_below(2, "2 / L"); }

void Gd::persist_own(StateArchive& archive) { archive.shared(w_); }

namespace {

void prepare(MethodSetup& setup) {
  refuse_rough(setup, "gd");
  need_step(setup);
}

std::unique_ptr<CoordinatorHalf> coordinator(const CoordinatorSetup& setup) {
  GdOptions options;
  options.step_size = optional_real(setup.values, "step-size");
  options.precision = setup.precision;
  return std::make_unique<Gd>(SmoothMean(setup), setup.problem.shards, setup.problem.features(),
                              options);
}

}  // namespace

LAGGARD_METHOD({
    .name = "gd",
    .summary = "gradient steps at the coordinator",
    .source = "docs/mathematics.md 10.1; Cauchy 1847",
    .options = {step_size_option("the step, for phi/N")},
    .traits = {.additive = true,
               .sums_rows = true,
               .one_point = true,
               .may_leave_out = true,
               .takes_kinks = true},
    .prepare = prepare,
    .worker = make_gradient_sum,
    .coordinator = coordinator,
})

}  // namespace laggard
