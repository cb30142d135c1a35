// What a task of consensus ADMM carries, as both halves of the method read it.     [math 2.1, 2.8]
#pragma once

#include "core/task/task.hpp"

#include <span>

namespace laggard {

// To the same bits on both sides.
//
// scalars: rho, q = rho_p / rho and, where there is an acceleration, the place of its ring that
// the answer goes to, the number of its epoch, and a coefficient for each place. operands: at each
// place of the ring one of the last omega_p, then w where there is one. omega_p is the sum of
// coefficients times operands: most often one of them alone.
struct AdmmTask {
  enum Scalar { kRho, kQ, kPlace, kEpoch, kCoefficients };

  explicit AdmmTask(const Task& task);

  double rho() const { return task_.scalars[kRho]; }
  int place() const { return accelerated() ? static_cast<int>(task_.scalars[kPlace]) : 0; }
  double epoch() const { return accelerated() ? task_.scalars[kEpoch] : 0; }
  std::span<const double> coefficients() const;  // by place; none without an acceleration
  const Vector* weight() const;                  // null: all 1

  // u' = q (omega - z).                                                            [math 2.1]
  Vector rescaled_dual() const;

 private:
  Vector omega() const;
  bool accelerated() const { return task_.scalars.size() > kPlace; }
  const Task& task_;
  std::size_t places_ = 1;
};

// omega = x + u, with relaxation alpha: alpha x + (1 - alpha) z + u. `u` becomes omega. [math 2.3]
void add_to_dual(double alpha, const Vector& x, const Vector& z, Vector& u);

}  // namespace laggard
