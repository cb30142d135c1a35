// Accelerated proximal gradient: the coordinator's half.                           [math 5.2]
#pragma once

#include "core/method/gradient_method.hpp"
#include "core/problem/regularizer.hpp"

#include <functional>
#include <optional>
#include <string>

namespace laggard {

struct FistaOptions {
  std::optional<double> step_size;  // nothing: 1 / sum_lipschitz
  std::optional<double> momentum;   // in [0, 1), the same in every round; nothing: the paper's t_k
  double sum_lipschitz = 0;         // sum_p L_p
  Precision precision = Precision::f64;      // iterates and points are rounded to it
  std::function<std::string()> advice = {};  // after a run that diverged
};

// Beck and Teboulle 2009. Step 1 / sum_p L_p. r = norm(x_{k+1} - y_k) / step, zero exactly at an
// optimum.
class FistaMethod final : public GradientMethod {
 public:
  // `regularizer` must outlive it.
  FistaMethod(const Regularizer& regularizer, int shards, int features,
              const FistaOptions& options);

  const SharedVector& z() const override { return x_; }
  double step_size() const { return step_; }
  std::string advice_on_divergence() const override { return advice_ ? advice_() : ""; }

 private:
  const SharedVector& point() const override { return y_; }
  Residuals step(const Vector& gradient) override;
  void persist_own(StateArchive& archive) override;

  const Regularizer& regularizer_;
  std::function<std::string()> advice_;
  std::optional<double> momentum_;
  double step_;
  double t_ = 1;
  SharedVector x_, y_;
};

}  // namespace laggard
