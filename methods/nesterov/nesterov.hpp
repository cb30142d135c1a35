// Nesterov's accelerated gradient: the coordinator's half.                         [math 10.1]
#pragma once

#include "core/method/gradient_method.hpp"
#include "core/method/smooth_mean.hpp"

#include <optional>

namespace laggard {

// beta_k, the momentum of step k = 0, 1, ...
class MomentumSchedule {
 public:
  enum class Kind {
    constant,
    t,      // (t_k - 1) / t_{k+1}, t_0 = 1, t_{k+1} = (1 + sqrt(1 + 4 t_k^2)) / 2
    k,      // k / (k + 3)
    strong  // (1 - s) / (1 + s), s = sqrt(alpha mu): the same in every step
  };
  // value: of a constant. alpha_mu: the step times the curvature of h / N, for `strong`.
  MomentumSchedule(Kind kind, double value, double alpha_mu);

  double next();            // beta_0, beta_1, ...
  double supremum() const;  // of all that are to come
  void persist(StateArchive& archive);

 private:
  Kind kind_;
  double constant_ = 0;
  std::int64_t k_ = 0;
  double t_ = 1;
};

struct NesterovOptions {
  std::optional<double> step_size;  // nothing: 1 / L_Q
  MomentumSchedule::Kind momentum = MomentumSchedule::Kind::t;
  double constant = 0;                   // the momentum, where it is constant
  Precision precision = Precision::f64;  // iterates and points are rounded to it
};

// w_new <- y - alpha (slope / N) with the slope at y = w + beta_k (w - w_old), w_old = w at first.
// r = norm(grad phi(y)).                                                              (10.3)
class Nesterov final : public GradientMethod {
 public:
  Nesterov(SmoothMean objective, int shards, int features, const NesterovOptions& options);

  const SharedVector& z() const override { return w_; }
  double step_size() const { return alpha_; }
  std::string advice_on_divergence() const override;

 private:
  const SharedVector& point() const override { return y_; }
  Residuals step(const Vector& gradient) override;
  void persist_own(StateArchive& archive) override;

  SmoothMean q_;
  double alpha_;
  MomentumSchedule momentum_;
  SharedVector w_, y_;
};

}  // namespace laggard
