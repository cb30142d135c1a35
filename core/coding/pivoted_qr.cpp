#include "core/coding/pivoted_qr.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace laggard {
namespace {

Span tail(Eigen::MatrixXd& a, Eigen::Index column, Eigen::Index from) {
  return {a.data() + column * a.rows() + from, static_cast<std::size_t>(a.rows() - from)};
}
ConstSpan tail(const Eigen::MatrixXd& a, Eigen::Index column, Eigen::Index from) {
  return {a.data() + column * a.rows() + from, static_cast<std::size_t>(a.rows() - from)};
}

}  // namespace

PivotedQr::PivotedQr(Eigen::MatrixXd a)
    : a_(std::move(a)), position_(static_cast<std::size_t>(a_.cols())) {
  std::iota(position_.begin(), position_.end(), Eigen::Index{0});
  const Eigen::Index steps = std::min(a_.rows(), a_.cols());
  for (Eigen::Index k = 0; k < steps; ++k) {
    Eigen::Index pivot = k;
    double largest = -1;
    for (Eigen::Index j = k; j < a_.cols(); ++j) {
      const double size = squared_norm(tail(std::as_const(a_), j, k));
      if (size > largest) {
        largest = size;
        pivot = j;
      }
    }
    a_.col(k).swap(a_.col(pivot));
    std::swap(position_[static_cast<std::size_t>(k)], position_[static_cast<std::size_t>(pivot)]);
    reflect(k);
  }
  const double rounding =
      std::numeric_limits<double>::epsilon() * static_cast<double>(std::max(a_.rows(), a_.cols()));
  while (rank_ < steps && std::abs(a_(rank_, rank_)) > rounding * std::abs(a_(0, 0))) ++rank_;
}

// Makes column k zero below the diagonal, and the columns after it follow.
void PivotedQr::reflect(Eigen::Index k) {
  const Span x = tail(a_, k, k);
  const Span v = x.subspan(1);
  const double diagonal = -std::copysign(norm(x), x[0]);
  if (diagonal == 0) {
    scale_.push_back(0);
    return;
  }
  const double first = x[0] - diagonal;
  scale_.push_back(-first / diagonal);
  for (double& entry : v) entry /= first;
  x[0] = diagonal;
  for (Eigen::Index j = k + 1; j < a_.cols(); ++j) {
    const Span y = tail(a_, j, k);
    const double along = scale_.back() * (y[0] + dot(v, y.subspan(1)));
    y[0] -= along;
    add_scaled(y.subspan(1), -along, v);
  }
}

void PivotedQr::apply(std::size_t k, Vector& v) const {
  const auto column = static_cast<Eigen::Index>(k);
  const ConstSpan reflection = tail(a_, column, column).subspan(1);
  const Span y = view(v).subspan(k);
  const double along = scale_[k] * (y[0] + dot(reflection, y.subspan(1)));
  y[0] -= along;
  add_scaled(y.subspan(1), -along, reflection);
}

void PivotedQr::apply_q(Vector& v) const {
  for (std::size_t k = scale_.size(); k-- > 0;) apply(k, v);
}

Vector PivotedQr::solve_transposed(const Vector& b, int rank) const {
  Vector y = Vector::Zero(a_.rows());
  for (Eigen::Index k = 0; k < rank; ++k) {
    double sum = b[position_[static_cast<std::size_t>(k)]];
    for (Eigen::Index i = 0; i < k; ++i) sum -= a_(i, k) * y[i];
    y[k] = sum / a_(k, k);
  }
  apply_q(y);
  return y;
}

// With R = (S^T; rounding), norm(A x - b) is least where S^T P^T x is the beginning of Q^T b.
Vector PivotedQr::least_squares(const Vector& b) const {
  Vector turned = b;
  for (std::size_t k = 0; k < scale_.size(); ++k) apply(k, turned);
  Eigen::MatrixXd s = Eigen::MatrixXd::Zero(a_.cols(), rank_);
  for (Eigen::Index i = 0; i < rank_; ++i)
    for (Eigen::Index j = i; j < a_.cols(); ++j) s(j, i) = a_(i, j);
  const Vector y = PivotedQr(std::move(s)).solve_transposed(turned.head(rank_), rank_);
  Vector x(a_.cols());
  for (Eigen::Index j = 0; j < a_.cols(); ++j) x[position_[static_cast<std::size_t>(j)]] = y[j];
  return x;
}

Vector PivotedQr::column_of_q(int k) const {
  Vector unit = Vector::Unit(a_.rows(), k);
  apply_q(unit);
  return unit;
}

}  // namespace laggard
