// The worker's half of consensus ADMM.                                           [math 2.1, 2.2]
#pragma once

#include "core/method/worker_half.hpp"
#include "core/solver/local_solver.hpp"
#include "core/task/precision.hpp"

#include <deque>
#include <memory>
#include <vector>

namespace laggard {

// Consensus ADMM: forms u' by [math 2.1] and solves [math 2.2].
class ProximalSolve final : public WorkerHalf {
 public:
  // relaxation: alpha in (0, 2). x is rounded to `precision`. keeps: the omega of its own report.
  ProximalSolve(const Problem& problem, const SolverOptions& options, double relaxation = 1,
                Precision precision = Precision::f64, bool keeps = true);

  Contribution compute(const Task& task, Workspace& scratch,
                       const std::atomic<bool>& stop) const override;
  std::vector<KeptOperand> keep(const Task& task, const Contribution& contribution) const override;
  int features() const override { return problem_.features(); }
  std::int64_t nonzeros(const Task& task) const override;
  std::int64_t shard_bytes(ShardId shard) const override {
    return load_bytes(problem_.shard(shard));
  }
  std::int64_t min_passes() const override { return solver_->min_passes(); }

 private:
  Problem problem_;
  double relaxation_;
  Precision precision_;
  bool keeps_;
  std::unique_ptr<const LocalSolver> solver_;
  std::deque<LoadedShard> shards_;
};

}  // namespace laggard
