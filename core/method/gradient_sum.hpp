// What a worker computes for the methods whose state lives in the coordinator.     [math 5]
#pragma once

#include "core/method/method.hpp"
#include "core/task/precision.hpp"

#include <deque>
#include <optional>

namespace laggard {

// One vector, the sum over the task's parts of coefficient grad f_p(z), and one scalar, the like
// sum of f_p(z). Without parts: of the task's shard, with coefficient 1.
// Methods whose contributions are of that shape, but more than one gradient, say what they add.
class GradientSum : public WorkerHalf {
 public:
  // The vector is rounded to `precision`. steps: how many gradients a part of a task takes.
  explicit GradientSum(const Problem& problem, Precision precision = Precision::f64,
                       std::int64_t steps = 1);

  // Looks at `stop` before each part.
  Contribution compute(const Task& task, Workspace& scratch,
                       const std::atomic<bool>& stop) const override;
  int features() const override { return problem_.features(); }
  std::int64_t nonzeros(const Task& task) const override;  // of all its parts
  std::int64_t shard_bytes(ShardId shard) const override {
    return load_bytes(problem_.shard(shard));
  }
  std::int64_t min_passes() const override { return kPasses * steps_; }

  // L_p, the Lipschitz constant of grad f_p, or a few percent more. Costs some tens of passes over
  // the shard at first.
  double lipschitz(ShardId shard) const { return loaded(shard).lipschitz(); }
  // sum_p L_p, added up in the order of the shards whatever `threads`.
  double total_lipschitz(int threads) const;

 protected:
  std::int64_t steps() const { return steps_; }
  // Adds coefficient times the part's contribution to `sum` (d) and returns coefficient times its
  // value; nothing where `stop` ended it. May use scratch.of_method.
  virtual std::optional<double> add(const Task& task, const Part& part, Span sum,
                                    Workspace& scratch, const std::atomic<bool>& stop) const;
  // sum += coefficient grad f_p(z); returns f_p(z). Uses the first two of scratch.sample and
  // scratch.feature.
  double add_gradient(const Part& part, ConstSpan z, Span sum, Workspace& scratch) const;

 private:
  static constexpr std::int64_t kPasses = 2;  // A z for the margins, and A^T for the gradient

  const LoadedShard& loaded(ShardId shard) const {
    return shards_[static_cast<std::size_t>(shard)];
  }

  Problem problem_;
  Precision precision_;
  std::int64_t steps_;
  std::deque<LoadedShard> shards_;
};

// The worker's half of a method, as Method::worker makes it.
std::unique_ptr<const WorkerHalf> make_gradient_sum(const Problem& problem,
                                                    const OptionValues& values,
                                                    Precision precision);
// sum_p L_p of such a half.
double total_lipschitz(const WorkerHalf& half, int threads);

// --step-size and --momentum, each a number or auto.
OptionSpec step_size_option(std::string help);
OptionSpec momentum_option(std::string help);

}  // namespace laggard
