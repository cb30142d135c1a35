// Accelerated gradient descent (heavy ball): the coordinator's half.                [math 5.3]
#pragma once

#include "core/method/gradient_method.hpp"
#include "core/method/smooth_mean.hpp"

#include <optional>

namespace laggard {

struct AgdOptions {
  std::optional<double> step_size;       // nothing: 1 / L_Q
  std::optional<double> momentum;        // in [0, 1); nothing: from the curvature of h
  Precision precision = Precision::f64;  // iterates and points are rounded to it
};

// Heavy ball on Q = phi / N. Step alpha = 1 / L_Q with L_Q = (sum_p L_p + lambda) / N.
// Momentum beta = (1 - sqrt(alpha mu))^2 with mu = lambda / N: on a quadratic, the least momentum
// at which no direction of curvature mu or more is overdamped, so that all errors shrink as fast as
// the slowest must, by 1 - sqrt(alpha mu) a round. Without a lambda nothing tells mu: beta is 0.9.
// A step starts from y = w + beta (w - w_old), so norm(w_new - y) / step is the gradient's norm:
// r = norm(grad phi(w)), in the units of phi as FISTA's.
class Agd final : public GradientMethod {
 public:
  Agd(SmoothMean objective, int shards, int features, const AgdOptions& options);

  const SharedVector& z() const override { return w_; }
  double step_size() const { return alpha_; }
  double momentum() const { return beta_; }
  std::string advice_on_divergence() const override;

 private:
  const SharedVector& point() const override { return w_; }
  Residuals step(const Vector& gradient) override;
  void persist_own(StateArchive& archive) override;

  SmoothMean q_;
  double alpha_;
  double beta_;
  SharedVector w_;
  Vector v_;
};

}  // namespace laggard
