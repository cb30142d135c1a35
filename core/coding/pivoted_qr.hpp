// A P = Q R by Householder's reflections, with an order of additions that is the same on every CPU.
#pragma once

#include "core/problem/vector_ops.hpp"

#include <Eigen/Core>

#include <vector>

namespace laggard {

// Column pivoting: abs(R(k,k)) falls, so the rank shows.
class PivotedQr {
 public:
  explicit PivotedQr(Eigen::MatrixXd a);

  // How many R(k,k) are more than rounding.
  int rank() const { return rank_; }
  // Q (R^-T P^T b; 0), with the leading part of R of order `rank`: the y of least norm for which
  // A^T y = b in the equations that P puts first. b: the columns of A; y: its rows.
  Vector solve_transposed(const Vector& b, int rank) const;
  // Of the x for which norm(A x - b) is least, the one of least norm. b: the rows of A; x: its
  // columns.
  Vector least_squares(const Vector& b) const;
  // Column k of Q.
  Vector column_of_q(int k) const;

 private:
  void reflect(Eigen::Index k);
  void apply(std::size_t k, Vector& v) const;  // reflection k
  void apply_q(Vector& v) const;

  Eigen::MatrixXd a_;  // R, and below its diagonal the reflections' vectors, whose first entry is 1
  std::vector<double> scale_;           // of the reflections I - scale v v^T
  std::vector<Eigen::Index> position_;  // of the column that P puts at k
  int rank_ = 0;
};

}  // namespace laggard
