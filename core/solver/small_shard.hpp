// What dense algebra makes of a shard with few rows or few features.                    [math 6]
#pragma once

#include "core/problem/cholesky.hpp"
#include "core/solver/local_solver.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace laggard {

// Where a Newton step's equations are solved: by CG; or exactly, in the space of the features or in
// that of the rows, whichever is the smaller.
enum class Equations { by_cg, of_features, of_rows };

// As asked for. `automatic` is exact where a step's dense work is at most kMostDense sweeps.
Equations equations_of(const LoadedShard& shard, NewtonEquations asked);

// What a step takes on dense matrices, beside its sweeps, in nonzeros of a sweep that take as long.
// What is made once a shard, or once a penalty where the loss is quadratic, is not charged.
std::int64_t dense_work(const LoadedShard& shard, Equations equations);

// A^T diag(curvature) A + rho W. One pass.
Cholesky factor_of_features(const Rows& rows, ConstSpan curvature, const Penalty& penalty);

// Matrices of shards that many tasks share. Safe to share between threads.
class ShardMatrices {
 public:
  // A W^-1 A^T, whole.
  std::shared_ptr<const Eigen::MatrixXd> gram(const LoadedShard& shard, ConstSpan weight);
  // For a quadratic loss: of A^T A + rho W, or of A W^-1 A^T + rho I.
  std::shared_ptr<const Cholesky> factor(const LoadedShard& shard, const Penalty& penalty,
                                         Equations equations);

 private:
  struct Kept {
    std::mutex mutex;
    std::vector<double> weight;  // that the others are for
    std::shared_ptr<const Eigen::MatrixXd> gram;
    std::map<double, std::shared_ptr<const Cholesky>> factor;  // by rho
  };

  Kept& kept(const LoadedShard& shard);
  std::shared_ptr<const Eigen::MatrixXd> gram(Kept& known, const LoadedShard& shard,
                                              ConstSpan weight);
  static void forget_other_weights(Kept& known, ConstSpan weight);

  std::mutex mutex_;
  std::map<const LoadedShard*, Kept> kept_;
};

}  // namespace laggard
