#include "core/problem/cholesky.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace laggard {
namespace {

ConstSpan head_of_column(const Eigen::MatrixXd& a, Eigen::Index column, Eigen::Index size) {
  return {a.data() + column * a.rows(), static_cast<std::size_t>(size)};
}

}  // namespace

// Column by column: U(i,j) = (A(i,j) - <U(0..i-1, i), U(0..i-1, j)>) / U(i,i).
Cholesky::Cholesky(Eigen::MatrixXd a) : u_(std::move(a)) {
  for (Eigen::Index j = 0; j < u_.cols() && positive_definite_; ++j) {
    for (Eigen::Index i = 0; i < j; ++i)
      u_(i, j) = (u_(i, j) - dot(above_diagonal(i), head_of_column(u_, j, i))) / u_(i, i);
    const double pivot = u_(j, j) - squared_norm(above_diagonal(j));
    positive_definite_ = pivot > 0;
    u_(j, j) = std::sqrt(pivot);
  }
}

ConstSpan Cholesky::above_diagonal(Eigen::Index j) const { return head_of_column(u_, j, j); }

void Cholesky::solve(Span b) const {
  if (!positive_definite_) return std::fill(b.begin(), b.end(), kNaN);
  const Eigen::Index n = u_.cols();
  for (Eigen::Index j = 0; j < n; ++j)
    b[j] = (b[j] - dot(above_diagonal(j), b.first(static_cast<std::size_t>(j)))) / u_(j, j);
  for (Eigen::Index j = n; j-- > 0;) {
    b[j] /= u_(j, j);
    add_scaled(b.first(static_cast<std::size_t>(j)), -b[j], above_diagonal(j));
  }
}

Vector symmetric_product(const Eigen::MatrixXd& a, const Vector& v) {
  Vector out(v.size());
  for (Eigen::Index j = 0; j < v.size(); ++j) out[j] = dot(head_of_column(a, j, a.rows()), view(v));
  return out;
}

}  // namespace laggard
