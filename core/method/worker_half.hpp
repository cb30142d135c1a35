// The half of a method that runs where the data is: task in, contribution out.
#pragma once

#include "core/solver/local_solver.hpp"
#include "core/task/precision.hpp"
#include "core/task/task.hpp"

#include <atomic>
#include <deque>

namespace laggard {

// Pure: the contribution depends on the task and the shard alone. Safe to call from many threads,
// each with a Workspace of its own.
class WorkerHalf {
 public:
  virtual ~WorkerHalf() = default;
  virtual Contribution compute(const Task& task, Workspace& scratch,
                               const std::atomic<bool>& stop) const = 0;

  virtual int features() const = 0;                           // d
  virtual std::int64_t nonzeros(const Task& task) const = 0;  // the work of a pass of the task
  virtual std::int64_t shard_bytes(ShardId shard) const = 0;  // what loading the shard moves
  virtual std::int64_t min_passes() const = 0;                // the least that any task costs
};

// What loading these rows moves: 12 bytes a nonzero and 16 a row.
std::int64_t load_bytes(const Rows& rows);

// Consensus ADMM: forms u' by [math 2.1] and solves [math 2.2].
class ProximalSolve final : public WorkerHalf {
 public:
  // x is rounded to `precision`.
  ProximalSolve(const Problem& problem, const SolverOptions& options,
                Precision precision = Precision::f64);

  Contribution compute(const Task& task, Workspace& scratch,
                       const std::atomic<bool>& stop) const override;
  int features() const override { return problem_.features(); }
  std::int64_t nonzeros(const Task& task) const override;
  std::int64_t shard_bytes(ShardId shard) const override {
    return load_bytes(problem_.shard(shard));
  }
  std::int64_t min_passes() const override { return solver_->min_passes(); }

 private:
  Problem problem_;
  Precision precision_;
  std::unique_ptr<const LocalSolver> solver_;
  std::deque<LoadedShard> shards_;
};

}  // namespace laggard
