// Accelerated gradient descent (heavy ball): the coordinator's half.                [math 5.3]
#pragma once

#include "core/method/gradient_method.hpp"
#include "core/problem/regularizer.hpp"

#include <cstdint>
#include <optional>

namespace laggard {

struct AgdOptions {
  std::optional<double> step_size;       // nothing: 1 / L_Q
  std::optional<double> momentum;        // in [0, 1); nothing: from the curvature of h
  double sum_lipschitz = 0;              // sum_p L_p
  std::int64_t samples = 1;              // N
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
  // `regularizer` must outlive it, and be smooth.
  Agd(const Regularizer& regularizer, int shards, int features, const AgdOptions& options);

  const SharedVector& z() const override { return w_; }
  double step_size() const { return alpha_; }
  double momentum() const { return beta_; }

 private:
  const SharedVector& point() const override { return w_; }
  Residuals step(const Vector& gradient) override;
  void persist_own(StateArchive& archive) override;

  const Regularizer& regularizer_;
  double samples_;
  double alpha_;
  double beta_;
  SharedVector w_;
  Vector v_;
};

}  // namespace laggard
