// What a worker computes for the methods whose state lives in the coordinator.     [math 5]
#pragma once

#include "core/method/worker_half.hpp"

namespace laggard {

// x = sum over the task's parts of coefficient grad f_p(z), value = the like sum of f_p(z). Without
// parts: of the task's shard, with coefficient 1.
class GradientSum final : public WorkerHalf {
 public:
  // x is rounded to `precision`.
  explicit GradientSum(const Problem& problem, Precision precision = Precision::f64);

  // Looks at `stop` before each part.
  Contribution compute(const Task& task, Workspace& scratch,
                       const std::atomic<bool>& stop) const override;
  int features() const override { return problem_.features(); }
  std::int64_t nonzeros(const Task& task) const override;  // of all its parts
  std::int64_t shard_bytes(ShardId shard) const override {
    return load_bytes(problem_.shard(shard));
  }
  std::int64_t min_passes() const override { return kPasses; }

  // L_p, the Lipschitz constant of grad f_p, or a few percent more. Costs some tens of passes over
  // the shard at first.
  double lipschitz(ShardId shard) const { return loaded(shard).lipschitz(); }
  // sum_p L_p, added up in the order of the shards whatever `threads`.
  double total_lipschitz(int threads) const;

 private:
  static constexpr std::int64_t kPasses = 2;  // A z for the margins, and A^T for the gradient

  const LoadedShard& loaded(ShardId shard) const {
    return shards_[static_cast<std::size_t>(shard)];
  }
  double add(const Part& part, ConstSpan z, Span sum, Workspace& scratch) const;

  Problem problem_;
  Precision precision_;
  std::deque<LoadedShard> shards_;
};

}  // namespace laggard
