// Linearized ADMM: the coordinator's half. Workers return gradients.               [math 5.1]
#pragma once

#include "core/method/gradient_method.hpp"
#include "core/method/penalty.hpp"
#include "core/problem/regularizer.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace laggard {

struct LinearizedAdmmOptions {
  double rho = 1;
  PenaltyPolicy policy;
  std::optional<double> step_size;           // nothing: from sum_lipschitz and max_age
  double sum_lipschitz = 0;                  // sum_p L_p
  std::int64_t max_age = 1;                  // tau: the oldest that a gradient in the sum may be
  Precision precision = Precision::f64;      // iterates and points are rounded to it
  std::function<std::string()> advice = {};  // after a run that diverged

  // What 1 / (slack sum_p L_p) is a safe step with; infinite: none is known to be.
  double slack() const {
    if (max_age == kAnyAge) return kInfinity;
    return max_age <= 1 ? 1.0 : 1.0 + static_cast<double>(max_age);
  }
};

// Step alpha = 1 / sum_p L_p, or 1 / ((1 + tau) sum_p L_p) where gradients may be up to tau > 1
// updates old. The dual residual measures how far x has come from the farthest point behind the
// gradients, which is norm(x - x_k) where none is old, so r = s = 0 is optimality under every
// protocol that leaves no shard out. The penalty balances r against rho norm(z - z_old), at updates
// at which every shard is fresh: the other part of s does not depend on rho, and balancing against
// it too drives rho in circles.
class LinearizedAdmm final : public GradientMethod {
 public:
  // `regularizer` must outlive it.
  LinearizedAdmm(const Regularizer& regularizer, int shards, int features,
                 const LinearizedAdmmOptions& options);

  const SharedVector& z() const override { return z_; }
  double rho() const override { return rho_; }
  double step_size() const { return alpha_; }
  std::string advice_on_divergence() const override { return advice_ ? advice_() : ""; }

 private:
  const SharedVector& point() const override { return x_; }
  Residuals step(const Vector& gradient) override;
  void persist_own(StateArchive& archive) override;
  void adapt_rho(double primal, double dual);

  const Regularizer& regularizer_;
  std::function<std::string()> advice_;
  PenaltyPolicy policy_;
  double alpha_;
  double rho_;
  SharedVector x_, z_;
  Vector u_;
};

}  // namespace laggard
