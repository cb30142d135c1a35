// Dense linear algebra in a fixed order of additions: Eigen's depends on the caches of the CPU.
#pragma once

#include "core/problem/vector_ops.hpp"

#include <Eigen/Core>

namespace laggard {

// A = L L^T for a symmetric A, of which the lower triangle is read.
class Cholesky {
 public:
  explicit Cholesky(Eigen::MatrixXd a);

  bool positive_definite() const { return positive_definite_; }  // in doubles
  // b = A^-1 b; not a number if A is not positive definite.
  void solve(Span b) const;

 private:
  Eigen::MatrixXd l_;  // with what was above the diagonal of A
  bool positive_definite_ = true;
};

// A v for a symmetric A, all of which is read.
Vector symmetric_product(const Eigen::MatrixXd& a, const Vector& v);

}  // namespace laggard
