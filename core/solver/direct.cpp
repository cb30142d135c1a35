// The squared loss solved exactly. With H = A^T A + rho I and b' = A^T b + rho c:
//
//   d < rows:   x = H^-1 b'                                  Cholesky of the d x d matrix
//   d >= rows:  x = (b' - A^T (A A^T + rho I)^-1 A b') / rho  Cholesky of the rows x rows matrix
//
// The factor is kept per shard and rho: to make it is not charged.
#include "core/solver/solvers.hpp"

#include "core/io/error.hpp"
#include "core/problem/kernel.hpp"
#include "core/solver/small_shard.hpp"

namespace laggard {
namespace {

class Direct final : public LocalSolver {
 public:
  std::int64_t min_passes() const override { return 1; }

  SolveStats solve(const LoadedShard& shard, ConstSpan, ConstSpan center, Penalty penalty, Span x,
                   Workspace& w, const std::atomic<bool>&) const override {
    LAGGARD_ASSERT(penalty.weight.empty(), "direct takes no weights");
    const double rho = penalty.rho;
    const Rows& rows = shard.rows();
    const Equations equations = equations_of(shard, NewtonEquations::cholesky);
    const auto factor = matrices_.factor(shard, penalty, equations);
    for (std::size_t j = 0; j < x.size(); ++j) x[j] = rho * center[j];
    kernel::add_transposed(rows, rows.labels(), x);  // x holds b'
    SolveStats stats;
    stats.passes = 1;
    if (equations == Equations::of_features) {
      factor->solve(x);
    } else {
      const Span image = sized(w.sample[0], static_cast<std::size_t>(rows.count()));
      kernel::margins(rows, x, image);
      factor->solve(image);
      for (double& entry : image) entry = -entry;
      kernel::add_transposed(rows, image, x);
      for (double& entry : x) entry /= rho;
      stats.passes += 2;
    }
    stats.dense_work = dense_work(shard, equations);
    stats.inner_iterations = 1;
    return stats;
  }

 private:
  mutable ShardMatrices matrices_;
};

}  // namespace

std::unique_ptr<const LocalSolver> make_direct() { return std::make_unique<Direct>(); }

}  // namespace laggard
