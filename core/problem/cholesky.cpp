#include "core/problem/cholesky.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace laggard {
namespace {

constexpr Eigen::Index kSideBySide = 4;  // earlier columns that are taken off side by side

ConstSpan column_of(const Eigen::MatrixXd& a, Eigen::Index j, Eigen::Index from) {
  return {a.data() + j * a.rows() + from, static_cast<std::size_t>(a.rows() - from)};
}

}  // namespace

// Column by column: L(i,j) = (A(i,j) - L(i,0) L(j,0) - L(i,1) L(j,1) - ...) / L(j,j).
Cholesky::Cholesky(Eigen::MatrixXd a) : l_(std::move(a)) {
  positive_definite_ = with_widest_vectors([n = l_.rows(), l = l_.data()]() LAGGARD_INLINE {
    for (Eigen::Index j = 0; j < n; ++j) {
      double* const column = l + j * n;
      Eigen::Index k = 0;
      for (; k + kSideBySide <= j; k += kSideBySide) {
        const double* const before = l + k * n;
        const double f0 = before[j], f1 = before[n + j], f2 = before[2 * n + j],
                     f3 = before[3 * n + j];
        for (Eigen::Index i = j; i < n; ++i)
          column[i] =
              (((column[i] - f0 * before[i]) - f1 * before[n + i]) - f2 * before[2 * n + i]) -
              f3 * before[3 * n + i];
      }
      for (; k < j; ++k) {
        const double* const before = l + k * n;
        const double factor = before[j];
        for (Eigen::Index i = j; i < n; ++i) column[i] -= factor * before[i];
      }
      if (!(column[j] > 0)) return false;
      const double root = std::sqrt(column[j]);
      for (Eigen::Index i = j; i < n; ++i) column[i] /= root;
    }
    return true;
  });
}

void Cholesky::solve(Span b) const {
  if (!positive_definite_) return std::fill(b.begin(), b.end(), kNaN);
  const Eigen::Index n = l_.cols();
  for (Eigen::Index j = 0; j < n; ++j) {
    b[j] /= l_(j, j);
    add_scaled(b.subspan(static_cast<std::size_t>(j) + 1), -b[j], column_of(l_, j, j + 1));
  }
  for (Eigen::Index j = n; j-- > 0;)
    b[j] = (b[j] - dot(column_of(l_, j, j + 1), b.subspan(static_cast<std::size_t>(j) + 1))) /
           l_(j, j);
}

Vector symmetric_product(const Eigen::MatrixXd& a, const Vector& v) {
  Vector out(v.size());
  for (Eigen::Index j = 0; j < v.size(); ++j) out[j] = dot(column_of(a, j, 0), view(v));
  return out;
}

}  // namespace laggard
