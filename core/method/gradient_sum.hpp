// What a worker computes for the methods whose state lives in the coordinator.     [math 5]
#pragma once

#include "core/method/method.hpp"
#include "core/task/precision.hpp"

#include <deque>
#include <span>

namespace laggard {

// How much a gradient method asks of each part of a task.
struct GradientWork {
  std::int64_t gradients = 1;
  std::size_t scalars = 1;  // in a report
};

// One vector, the sum over the task's parts of coefficient grad f_p(z), and one scalar, the like
// sum of f_p(z). Without parts: of the task's shard, with coefficient 1. Methods whose
// contributions are other sums over parts say what a part adds.
class GradientSum : public WorkerHalf {
 public:
  // The vector is rounded to `precision`.
  explicit GradientSum(const Problem& problem, Precision precision = Precision::f64,
                       GradientWork work = {});

  // Looks at `stop` before each part.
  Contribution compute(const Task& task, Workspace& scratch,
                       const std::atomic<bool>& stop) const override;
  int features() const override { return problem_.features(); }
  std::int64_t nonzeros(const Task& task) const override;  // of all its parts
  std::int64_t shard_bytes(ShardId shard) const override {
    return load_bytes(problem_.shard(shard));
  }
  std::int64_t min_passes() const override { return kPasses * work_.gradients; }

  // L_p, the Lipschitz constant of grad f_p, or a few percent more. Costs some tens of passes over
  // the shard at first.
  double lipschitz(ShardId shard) const { return loaded(shard).lipschitz(); }
  // Of each shard, by `threads`; and their sum in the order of the shards.
  std::vector<double> all_lipschitz(int threads) const;
  double total_lipschitz(int threads) const;

 protected:
  static constexpr std::int64_t kPasses = 2;  // A z for the margins, and A^T for the gradient

  const Problem& problem() const { return problem_; }
  Precision precision() const { return precision_; }
  std::int64_t gradients() const { return work_.gradients; }
  // Adds coefficient times the part's contribution to `sum` (d) and to `scalars`; false where
  // `stop` ended it. May use scratch.of_method.
  virtual bool add(const Task& task, const Part& part, Span sum, Span scalars, Workspace& scratch,
                   const std::atomic<bool>& stop) const;
  // sum += coefficient grad f_p(z); returns f_p(z). `only`: of those rows of the shard, numbered
  // within it, rising; null: of all. Uses the first three of scratch.sample and the first two of
  // scratch.feature.
  double add_gradient(const Part& part, ConstSpan z, Span sum, Workspace& scratch,
                      const std::span<const std::uint32_t>* only = nullptr) const;

 private:
  const LoadedShard& loaded(ShardId shard) const {
    return shards_[static_cast<std::size_t>(shard)];
  }

  Problem problem_;
  Precision precision_;
  GradientWork work_;
  std::deque<LoadedShard> shards_;
};

// The worker's half of a method, as Method::worker makes it.
std::unique_ptr<const WorkerHalf> make_gradient_sum(const Problem& problem,
                                                    const OptionValues& values,
                                                    Precision precision);
// L_p of each shard of such a half, and their sum.
std::vector<double> all_lipschitz(const WorkerHalf& half, int threads);
double total_lipschitz(const WorkerHalf& half, int threads);

// What to say of a step too long, where one of 1 / (slack sum_p L_p) is stable. slack: 1, or 1 +
// tau where gradients may be tau > 1 updates old; infinite: nothing is known.
std::string stable_up_to(const WorkerHalf& half, double slack, int threads);

// Throws Error where the option is auto, though the loss has no Lipschitz constant to go by.
void need_step(const MethodSetup& setup, const std::string& option = "step-size");

// --step-size and --momentum, each a number or auto.
OptionSpec step_size_option(std::string help);
OptionSpec momentum_option(std::string help);

}  // namespace laggard
