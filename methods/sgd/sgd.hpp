// Minibatch gradient descent with averaged gradients (GA-SGD). Both halves.        [math 11.3]
#pragma once

#include "core/method/batches.hpp"
#include "core/method/gradient_sum.hpp"
#include "core/method/shard_sum.hpp"

#include <functional>
#include <string>
#include <vector>

namespace laggard {

// The sum of the loss gradients over a batch of the part's shard, with the value of f_p on it and
// the number of its rows.
class BatchGradient final : public GradientSum {
 public:
  // plain: the gradient and the value are means over the batch.
  BatchGradient(const Problem& problem, const BatchOptions& options, bool plain,
                Precision precision)
      : GradientSum(problem, precision, {.gradients = 1, .scalars = 2}),
        batches_(problem, options),
        plain_(plain) {}

  std::int64_t nonzeros(const Task& task) const override;

 private:
  bool add(const Task& task, const Part& part, Span sum, Span scalars, Workspace& scratch,
           const std::atomic<bool>& stop) const override;

  Batches batches_;
  bool plain_;
};

struct SgdOptions {
  StepSchedule step;
  std::int64_t batches = 1;  // nb, of an epoch
  std::int64_t samples = 1;  // N
  bool plain = false;        // shards count alike, whatever the rows of their batches
  // Without a barrier each shard goes through its batches at its own pace, and an update is over
  // the new contributions alone, or over the latest of all shards.
  bool asynchronous = false, fresh = false;
  Precision precision = Precision::f64;
  std::function<std::string()> advice = {};  // after a run that diverged
};

// slope = (N/c) sum_p G_{p,b} + grad h(z);  z <- z - eta_e (slope / N), c the rows of all batches.
// Where h is not smooth: without grad h, and prox_{eta_e h / N} after the step.         (11.1)
class Sgd final : public CoordinatorHalf {
 public:
  // worker: the other half; both must outlive it.
  Sgd(const Regularizer& regularizer, const WorkerHalf& worker, int shards,
      const SgdOptions& options);

  int shards() const override { return static_cast<int>(shards_.size()); }
  int features() const override { return worker_.features(); }
  const SharedVector& z() const override { return z_; }
  double rho() const override { return 0; }
  std::int64_t most_numbers_up() const override { return features() + 2; }
  void form(Task& task) const override;
  void accept(const Task& task, Contribution contribution) override;
  void accept_sum(const Task& task, Contribution sum) override;
  void persist(StateArchive& archive) override;
  std::string advice_on_divergence() const override { return options_.advice(); }
  Residuals update(Absent absent) override;

 private:
  struct ShardState {
    double rows = 0;         // of its latest batch
    std::int64_t taken = 0;  // contributions
    std::int64_t epoch = 0;  // of the latest
    bool fresh = false;      // since the last update
    bool accepted() const { return taken > 0; }
  };
  // What contributions came to.
  struct Sum {
    Vector gradient;
    double weight;  // of it,
                    // so that it stands for grad F
  };
  Sum sum_up(bool fresh_alone);
  std::int64_t epoch() const;  // whose step the coming update takes

  const Regularizer& regularizer_;
  const WorkerHalf& worker_;
  SgdOptions options_;
  std::shared_ptr<const ReportShape> report_;
  std::vector<ShardState> shards_;
  ShardSum sum_;
  std::optional<Contribution> decoded_;  // in the place of the sum
  std::int64_t k_ = 0;                   // updates made
  SharedVector z_;
};

}  // namespace laggard
