// FedAvg: several gradient steps at the workers between two updates. Both halves.  [math 10.2]
#pragma once

#include "core/method/gradient_method.hpp"
#include "core/method/gradient_sum.hpp"
#include "core/method/smooth_mean.hpp"

#include <vector>

namespace laggard {

// Walks q gradient steps of size eta from z on shard p's own objective f_p / n_p + h / N, and
// reports c_p = s + (n_p / N) r and f_p(z): s is the sum of the gradients of f_p on the way, r
// that of grad h at all points but the first.
class FedAvgWalk final : public GradientSum {
 public:
  FedAvgWalk(const Problem& problem, std::int64_t local_steps, Precision precision)
      : GradientSum(problem, precision, {.gradients = local_steps, .scalars = 1}) {}

  double steepest() const;  // max_p L_p / n_p

 private:
  bool add(const Task& task, const Part& part, Span sum, Span scalars, Workspace& scratch,
           const std::atomic<bool>& stop) const override;
};

struct FedAvgOptions {
  std::int64_t local_steps = 5;          // q
  double local_step = 0;                 // eta
  double step_size = 1;                  // alpha
  bool decays = false;                   // alpha / sqrt(k + 1) in update k = 0, 1, ...
  double lambda = 0;                     // the curvature of h
  double stable_step = 0;                // a local step below it is stable, for the advice
  Precision precision = Precision::f64;  // iterates and points are rounded to it
};

// w <- w - (alpha_k eta) ((sum_p c_p + grad h(w)) / N).                              (10.4)
// r = norm(sum_p c_p + grad h(w)) / q, in the units of phi.
class FedAvg final : public GradientMethod {
 public:
  FedAvg(SmoothMean objective, int shards, int features, const FedAvgOptions& options);

  const SharedVector& z() const override { return w_; }
  void form(Task& task) const override;
  std::string advice_on_divergence() const override;

 private:
  const SharedVector& point() const override { return w_; }
  Residuals step(const Vector& gradient) override;
  void persist_own(StateArchive& archive) override;

  SmoothMean q_;
  FedAvgOptions options_;
  std::int64_t k_ = 0;  // updates made
  SharedVector w_;
};

}  // namespace laggard
