// The squared loss solved exactly. With H = A^T A + rho I and b' = A^T b + rho c:
//
//   d <= rows:  x = H^-1 b'                                  Cholesky of the d x d matrix
//   d >  rows:  x = (b' - A^T (A A^T + rho I)^-1 A b') / rho  Cholesky of the rows x rows matrix
//
// The Gram matrix is kept per shard and the factor per (shard, rho).
#include "core/solver/solvers.hpp"

#include "core/io/error.hpp"
#include "core/problem/cholesky.hpp"
#include "core/problem/kernel.hpp"

#include <map>

namespace laggard {
namespace {

using Matrix = Eigen::MatrixXd;
using Factor = Cholesky;

// A^T A (primal) or A A^T, without a dense A.
Matrix gram(const Rows& rows, bool primal) {
  const auto& a = rows.data->a;
  const std::int64_t n = rows.count();
  const auto start = [&](std::int64_t i) { return a.row_start[rows.begin + i]; };
  if (primal) {
    Matrix product = Matrix::Zero(a.columns, a.columns);
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t k = start(i); k < start(i + 1); ++k)
        for (std::int64_t l = start(i); l < start(i + 1); ++l)
          product(a.column[l], a.column[k]) += a.value[k] * a.value[l];
    return product;
  }
  Matrix product(n, n);
  Vector row = Vector::Zero(a.columns);
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t k = start(i); k < start(i + 1); ++k) row[a.column[k]] = a.value[k];
    for (std::int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::int64_t k = start(j); k < start(j + 1); ++k) sum += a.value[k] * row[a.column[k]];
      product(j, i) = sum;
    }
    for (std::int64_t k = start(i); k < start(i + 1); ++k) row[a.column[k]] = 0;
  }
  return product;
}

class Direct final : public LocalSolver {
 public:
  std::int64_t min_passes() const override { return 1; }

  SolveStats solve(const LoadedShard& shard, ConstSpan, ConstSpan center, Penalty penalty, Span x,
                   Workspace& w, const std::atomic<bool>&) const override {
    LAGGARD_ASSERT(penalty.weight.empty(), "direct takes no weights");
    const double rho = penalty.rho;
    const Rows& rows = shard.rows();
    const auto n = static_cast<std::size_t>(rows.count());
    const std::size_t d = x.size();
    const std::shared_ptr<const Factor> factor = factor_of(shard, rho);
    for (std::size_t j = 0; j < d; ++j) x[j] = rho * center[j];
    kernel::add_transposed(rows, rows.labels(), x);  // x holds b'
    SolveStats stats;
    if (d <= n) {
      factor->solve(x);
    } else {
      const Span image = sized(w.sample[0], n);
      kernel::margins(rows, x, image);
      factor->solve(image);
      for (double& entry : image) entry = -entry;
      kernel::add_transposed(rows, image, x);
      for (double& entry : x) entry /= rho;
      stats.passes += 2;
    }
    stats.passes += 1 + triangular_passes(std::min(n, d), rows.nonzeros());
    stats.inner_iterations = 1;
    return stats;
  }

 private:
  struct Kept {
    Matrix gram;
    std::map<double, std::shared_ptr<const Factor>> factor;  // by rho
  };

  // The two triangular solves in units of a sweep. The factorisation itself is not charged: it is
  // made once a penalty and shared by all later tasks.
  static std::int64_t triangular_passes(std::size_t order, std::int64_t nonzeros) {
    const auto work = static_cast<std::int64_t>(order * order);
    return (work + std::max<std::int64_t>(nonzeros, 1) - 1) / std::max<std::int64_t>(nonzeros, 1);
  }

  std::shared_ptr<const Factor> factor_of(const LoadedShard& shard, double rho) const {
    const std::lock_guard lock(mutex_);
    Kept& kept = kept_[&shard];
    std::shared_ptr<const Factor>& factor = kept.factor[rho];
    if (!factor) {
      const Rows& rows = shard.rows();
      if (kept.gram.size() == 0) kept.gram = gram(rows, rows.features() <= rows.count());
      Matrix h = kept.gram;
      h.diagonal().array() += rho;
      factor = std::make_shared<Factor>(std::move(h));
    }
    return factor;
  }

  mutable std::mutex mutex_;
  mutable std::map<const LoadedShard*, Kept> kept_;
};

}  // namespace

std::unique_ptr<const LocalSolver> make_direct() { return std::make_unique<Direct>(); }

}  // namespace laggard
