#include "core/solver/small_shard.hpp"

#include "core/problem/kernel.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace laggard {
namespace {

// An exact step takes about as long as one by CG where its dense work is so many sweeps: CG took
// 20 or so a step on the bundled sets.
constexpr double kMostDense = 20;
constexpr std::int64_t kLargestOrder = 500;  // 2 MB a matrix, of which each shard keeps some
constexpr std::size_t kKeptFactors = 4;      // by shard: rho changes rarely
// Multiply-adds on dense matrices that take as long as one of a sweep.  (bench_sweeps)
constexpr double kDense = 4;

double cubed(double n) { return n * n * n; }

// The multiply-adds of A^T D A, of which one triangle is made.
double products(const Rows& rows) {
  double sum = 0;
  const auto& start = rows.data->a.row_start;
  for (std::int64_t n = rows.begin; n < rows.end; ++n) {
    const auto nonzeros = static_cast<double>(start[n + 1] - start[n]);
    sum += nonzeros * (nonzeros + 1) / 2;
  }
  return sum;
}

Eigen::MatrixXd gram_of_rows(const Rows& rows, ConstSpan weight) {
  const auto& a = rows.data->a;
  const std::int64_t n = rows.count();
  const auto start = [&](std::int64_t i) { return a.row_start[rows.begin + i]; };
  Eigen::MatrixXd gram(n, n);
  std::vector<double> row(static_cast<std::size_t>(a.columns), 0.0);
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t k = start(i); k < start(i + 1); ++k)
      row[a.column[k]] = weight.empty() ? a.value[k] : a.value[k] / weight[a.column[k]];
    for (std::int64_t j = 0; j <= i; ++j) {
      double sum = 0;
      for (std::int64_t k = start(j); k < start(j + 1); ++k) sum += a.value[k] * row[a.column[k]];
      gram(j, i) = gram(i, j) = sum;
    }
    for (std::int64_t k = start(i); k < start(i + 1); ++k) row[a.column[k]] = 0;
  }
  return gram;
}

}  // namespace

Equations equations_of(const LoadedShard& shard, NewtonEquations asked) {
  const Rows& rows = shard.rows();
  const Equations exact =
      rows.count() <= rows.features() ? Equations::of_rows : Equations::of_features;
  if (asked == NewtonEquations::cholesky) return exact;
  const bool cheap = std::min<std::int64_t>(rows.count(), rows.features()) <= kLargestOrder &&
                     static_cast<double>(dense_work(shard, exact)) <=
                         kMostDense * static_cast<double>(rows.nonzeros());
  return asked == NewtonEquations::automatic && cheap ? exact : Equations::by_cg;
}

std::int64_t dense_work(const LoadedShard& shard, Equations equations) {
  if (equations == Equations::by_cg) return 0;
  const Rows& rows = shard.rows();
  const bool by_rows = equations == Equations::of_rows;
  const auto order = static_cast<double>(by_rows ? rows.count() : rows.features());
  const double solve = order * order / kDense, factor = cubed(order) / 6 / kDense;
  if (shard.loss().is_quadratic()) return static_cast<std::int64_t>(solve);
  // Of rows: the system from the Gram matrix, and three products with that.
  return static_cast<std::int64_t>(solve + factor + (by_rows ? 4 * solve : products(rows)));
}

Cholesky factor_of_features(const Rows& rows, ConstSpan curvature, const Penalty& penalty) {
  const Eigen::Index d = rows.features();
  std::vector<int> position(static_cast<std::size_t>(d));
  std::iota(position.begin(), position.end(), 0);
  Eigen::MatrixXd hessian = Eigen::MatrixXd::Zero(d, d);
  kernel::add_hessian(rows, curvature, position, hessian);
  for (Eigen::Index j = 0; j < d; ++j) hessian(j, j) += penalty.at(static_cast<std::size_t>(j));
  return Cholesky(std::move(hessian));
}

std::shared_ptr<const Eigen::MatrixXd> ShardMatrices::gram(const LoadedShard& shard,
                                                           ConstSpan weight) {
  Kept& known = kept(shard);
  const std::lock_guard lock(known.mutex);
  return gram(known, shard, weight);
}

std::shared_ptr<const Cholesky> ShardMatrices::factor(const LoadedShard& shard,
                                                      const Penalty& penalty, Equations equations) {
  Kept& known = kept(shard);
  const std::lock_guard lock(known.mutex);
  forget_other_weights(known, penalty.weight);
  if (known.factor.size() >= kKeptFactors && !known.factor.contains(penalty.rho))
    known.factor.clear();
  std::shared_ptr<const Cholesky>& factor = known.factor[penalty.rho];
  if (factor) return factor;
  if (equations == Equations::of_rows) {
    Eigen::MatrixXd matrix = *gram(known, shard, penalty.weight);
    matrix.diagonal().array() += penalty.rho;
    factor = std::make_shared<const Cholesky>(std::move(matrix));
  } else {
    const std::vector<double> ones(static_cast<std::size_t>(shard.rows().count()), 1.0);
    factor = std::make_shared<const Cholesky>(factor_of_features(shard.rows(), ones, penalty));
  }
  return factor;
}

ShardMatrices::Kept& ShardMatrices::kept(const LoadedShard& shard) {
  const std::lock_guard lock(mutex_);
  return kept_[&shard];
}

std::shared_ptr<const Eigen::MatrixXd> ShardMatrices::gram(Kept& known, const LoadedShard& shard,
                                                           ConstSpan weight) {
  forget_other_weights(known, weight);
  if (!known.gram)
    known.gram = std::make_shared<const Eigen::MatrixXd>(gram_of_rows(shard.rows(), weight));
  return known.gram;
}

void ShardMatrices::forget_other_weights(Kept& known, ConstSpan weight) {
  if (std::equal(weight.begin(), weight.end(), known.weight.begin(), known.weight.end())) return;
  known.weight.assign(weight.begin(), weight.end());
  known.gram = nullptr;
  known.factor.clear();
}

}  // namespace laggard
