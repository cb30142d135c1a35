// Gradient descent: the coordinator's half.                                        [math 10.1]
#pragma once

#include "core/method/gradient_method.hpp"
#include "core/method/smooth_mean.hpp"

#include <optional>

namespace laggard {

struct GdOptions {
  std::optional<double> step_size;       // nothing: 1 / L_Q
  Precision precision = Precision::f64;  // iterates and points are rounded to it
};

// w <- w - alpha (slope / N). r = norm(grad phi(w)), as heavy ball has it, which this is at
// momentum 0.                                                                         (10.1)
class Gd final : public GradientMethod {
 public:
  Gd(SmoothMean objective, int shards, int features, const GdOptions& options);

  const SharedVector& z() const override { return w_; }
  double step_size() const { return alpha_; }
  std::string advice_on_divergence() const override;

 private:
  const SharedVector& point() const override { return w_; }
  Residuals step(const Vector& gradient) override;
  void persist_own(StateArchive& archive) override;

  SmoothMean q_;
  double alpha_;
  SharedVector w_;
};

}  // namespace laggard
