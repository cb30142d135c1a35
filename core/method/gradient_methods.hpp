// The methods whose state lives in the coordinator: workers return gradients.      [math 5]
#pragma once

#include "core/method/consensus.hpp"
#include "core/method/method.hpp"
#include "core/method/shard_sum.hpp"
#include "core/problem/regularizer.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace laggard {

struct GradientOptions {
  std::optional<double> step_size;  // nothing: the method's own, which follows from what comes next
  std::optional<double> momentum;   // fista, agd: in [0, 1); nothing: the method's own
  double sum_lipschitz = 0;         // sum_p L_p
  std::int64_t max_age = 1;         // linearized_admm: tau, the oldest a gradient in the sum may be
  std::int64_t samples = 1;         // agd: N
  double rho = 1;                   // linearized_admm
  PenaltyPolicy policy;             // linearized_admm
  Precision precision = Precision::f64;  // iterates and points are rounded to it
};

// Keeps the latest gradient of every shard and their sum. What is done with the sum, and at which
// point gradients are asked for, is the method's affair.
class GradientMethod : public Method {
 public:
  int shards() const final { return static_cast<int>(shards_.size()); }
  int features() const final { return features_; }
  double rho() const override { return 0; }
  void form(Task& task) const final;
  void accept(const Task& task, Contribution contribution) final;
  void accept_sum(Contribution sum) final;  // stands for all shards, in the coming update alone
  // Absent::left_out: the fresh shards' gradients, times P over their number, stand for the sum.
  Residuals update(Absent absent = Absent::reuse) final;
  void persist(StateArchive& archive) final;

 protected:
  GradientMethod(int shards, int features, Precision precision);

  virtual const SharedVector& point() const = 0;       // where gradients are asked for
  virtual Residuals step(const Vector& gradient) = 0;  // gradient: d, of F
  virtual void persist_own(StateArchive& archive) = 0;

  SharedVector share(Vector vector) const;  // rounded to the method's precision
  const SharedVector& zero() const { return zero_; }
  bool all_fresh() const;  // every shard has had a gradient accepted since the last update
  // The largest squared distance of x from a point where a gradient in the sum was taken.
  double farthest_squared(const Vector& x) const;

 private:
  struct ShardState {
    SharedVector point;  // where its latest gradient was taken
    bool accepted = false;
    bool fresh = false;  // accepted since the last update
  };

  Vector sum_gradients(Absent absent);

  int features_;
  Precision precision_;
  SharedVector zero_;
  std::vector<ShardState> shards_;
  ShardSum sum_;
  std::optional<Vector> decoded_;  // d: in place of the sum
};

// Linearized ADMM [math 5.1]. Step alpha = 1 / sum_p L_p, or 1 / ((1 + tau) sum_p L_p) where
// gradients may be up to tau > 1 updates old. The dual residual measures how far x has come from
// the farthest point behind the gradients, which is norm(x - x_k) where none is old, so r = s = 0
// is optimality under every protocol that leaves no shard out. The penalty balances r against
// rho norm(z - z_old), at updates at which every shard is fresh: the other part of s does not
// depend on rho, and balancing against it too drives rho in circles.
class LinearizedAdmm final : public GradientMethod {
 public:
  // `regularizer` must outlive it.
  LinearizedAdmm(const Regularizer& regularizer, int shards, int features,
                 const GradientOptions& options);

  const SharedVector& z() const override { return z_; }
  double rho() const override { return rho_; }
  double step_size() const { return alpha_; }

 private:
  const SharedVector& point() const override { return x_; }
  Residuals step(const Vector& gradient) override;
  void persist_own(StateArchive& archive) override;
  void adapt_rho(double primal, double dual);

  const Regularizer& regularizer_;
  PenaltyPolicy policy_;
  double alpha_;
  double rho_;
  SharedVector x_, z_;
  Vector u_;
};

// Accelerated proximal gradient, Beck and Teboulle 2009 [math 5.2]. Step 1 / sum_p L_p. Momentum:
// the sequence of their t_k, or the same value in every round. r = norm(x_{k+1} - y_k) / step, zero
// exactly at an optimum.
class FistaMethod final : public GradientMethod {
 public:
  // `regularizer` must outlive it.
  FistaMethod(const Regularizer& regularizer, int shards, int features,
              const GradientOptions& options);

  const SharedVector& z() const override { return x_; }
  double step_size() const { return step_; }

 private:
  const SharedVector& point() const override { return y_; }
  Residuals step(const Vector& gradient) override;
  void persist_own(StateArchive& archive) override;

  const Regularizer& regularizer_;
  std::optional<double> momentum_;
  double step_;
  double t_ = 1;
  SharedVector x_, y_;
};

// Heavy ball on Q = phi / N [math 5.3]. Step alpha = 1 / L_Q with L_Q = (sum_p L_p + lambda) / N.
// Momentum beta = (1 - sqrt(alpha mu))^2 with mu = lambda / N: on a quadratic, the least momentum
// at which no direction of curvature mu or more is overdamped, so that all errors shrink as fast as
// the slowest must, by 1 - sqrt(alpha mu) a round. Without a lambda nothing tells mu: beta is 0.9.
// A step starts from y = w + beta (w - w_old), so norm(w_new - y) / step is the gradient's norm:
// r = norm(grad phi(w)), in the units of phi as FISTA's.
class Agd final : public GradientMethod {
 public:
  // `regularizer` must outlive it, and be smooth.
  Agd(const Regularizer& regularizer, int shards, int features, const GradientOptions& options);

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
