// Q = phi / N = (F + h) / N with smooth h: what plain gradient methods minimise.  [math 5.3, 10]
#pragma once

#include "core/method/method.hpp"

#include <functional>
#include <string>

namespace laggard {

class SmoothMean {
 public:
  // regularizer: smooth; must outlive this. sum_lipschitz: sum_p L_p; asked for where a step or an
  // advice depends on it, for it costs some tens of passes.
  SmoothMean(const Regularizer& regularizer, std::int64_t samples,
             std::function<double()> sum_lipschitz);
  // Of a run whose worker's half is a GradientSum.
  explicit SmoothMean(const CoordinatorSetup& setup);

  double samples() const { return samples_; }  // N
  double lambda() const { return lambda_; }    // the curvature of h
  double lipschitz() const;                    // L_Q = (sum_p L_p + lambda) / N
  // gradient + grad h(w), in the units of phi. gradient, w: d.
  Vector slope(const Vector& gradient, const Vector& w) const;
  // What to say of a step too long, where `factor` / L_Q is as long as a stable one may be.
  std::string stable_below(double factor, const std::string& how) const;

 private:
  const Regularizer& regularizer_;
  double lambda_, samples_;
  std::function<double()> sum_lipschitz_;
};

// Throws Error where h is not smooth.
void refuse_rough(const MethodSetup& setup, const std::string& method);

}  // namespace laggard
