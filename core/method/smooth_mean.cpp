#include "core/method/smooth_mean.hpp"

#include "core/io/error.hpp"
#include "core/method/gradient_method.hpp"
#include "core/method/gradient_sum.hpp"
#include "core/problem/vector_ops.hpp"

#include <fmt/format.h>

#include <utility>

namespace laggard {

SmoothMean::SmoothMean(const Regularizer& regularizer, std::int64_t samples,
                       std::function<double()> sum_lipschitz)
    : regularizer_(regularizer),
      lambda_(regularizer.smooth_curvature().value_or(0)),
      samples_(static_cast<double>(samples)),
      sum_lipschitz_(std::move(sum_lipschitz)) {
  LAGGARD_ASSERT(regularizer.smooth_curvature(), "a smooth objective with " + regularizer.spec());
}

SmoothMean::SmoothMean(const CoordinatorSetup& setup)
    : SmoothMean(*setup.problem.regularizer, setup.problem.data->samples(),
                 [worker = &setup.worker, threads = setup.threads] {
                   return total_lipschitz(*worker, threads);
                 }) {}

double SmoothMean::lipschitz() const { return (sum_lipschitz_() + lambda_) / samples_; }

Vector SmoothMean::slope(const Vector& gradient, const Vector& w) const {
  Vector out = gradient;
  regularizer_.add_gradient(view(w), view(out));
  return out;
}

std::string SmoothMean::stable_below(double factor, const std::string& how) const {
  const double longest = factor * inverse(lipschitz());
  if (longest == 0) return {};  // of a loss with kinks nothing is known
  return fmt::format("a --step-size below {:.3g}, {}, is stable", longest, how);
}

void refuse_rough(const MethodSetup& setup, const std::string& method) {
  if (setup.regularizer->smooth_curvature()) return;
  throw Error(fmt::format("--method {}: needs a smooth regulariser, not {}; expected none or l2:L",
                          method, setup.regularizer->spec()));
}

}  // namespace laggard
