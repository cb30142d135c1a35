#include "methods/admm/admm_task.hpp"

#include "core/io/error.hpp"
#include "core/problem/weighted_sum.hpp"

#include <algorithm>
#include <vector>

namespace laggard {

AdmmTask::AdmmTask(const Task& task) : task_(task) {
  const std::size_t scalars = task.scalars.size(), operands = task.operands.size();
  if (scalars > kCoefficients) places_ = scalars - kCoefficients;
  LAGGARD_ASSERT((scalars == kPlace || scalars > kCoefficients) && operands >= places_ &&
                     operands <= places_ + 1,
                 "a task that is none of admm");
  if (accelerated()) {
    const auto weights = coefficients();
    const double place = task.scalars[kPlace];
    LAGGARD_ASSERT(
        place >= 0 && place < static_cast<double>(places_) &&
            std::any_of(
                weights.begin(), weights.end(), [](double weight) { return weight != 0; }),
        "a task of admm with no omega, or no place for the next");
  }
  for (const Operand& operand : task.operands)
    LAGGARD_ASSERT(operand.value->size() == task.z->size(), "an operand of another length than z");
}

std::span<const double> AdmmTask::coefficients() const {
  if (!accelerated()) return {};
  return std::span(task_.scalars).subspan(kCoefficients);
}

const Vector* AdmmTask::weight() const {
  return task_.operands.size() > places_ ? task_.operands.back().value.get() : nullptr;
}

// Without the terms of weight 0.                                                  [math 2.8]
Vector AdmmTask::omega() const {
  if (!accelerated()) return *task_.operands[0].value;
  const auto coefficient = coefficients();
  std::vector<double> weight;
  std::vector<const double*> operand;
  for (std::size_t place = 0; place < coefficient.size(); ++place) {
    if (coefficient[place] == 0) continue;
    weight.push_back(coefficient[place]);
    operand.push_back(task_.operands[place].value->data());
  }
  Vector sum(task_.z->size());
  weighted_sum(weight, operand, view(sum));
  return sum;
}

Vector AdmmTask::rescaled_dual() const {
  const double q = task_.scalars[kQ];
  Vector dual = omega();
  with_widest_vectors([n = dual.size(), u = dual.data(), z = task_.z->data(), q]() LAGGARD_INLINE {
    for (Eigen::Index i = 0; i < n; ++i) u[i] = q * (u[i] - z[i]);
  });
  return dual;
}

void add_to_dual(double alpha, const Vector& x, const Vector& z, Vector& u) {
  if (alpha == 1.0)
    u.array() = x.array() + u.array();
  else
    u.array() = ((alpha * x.array()) + (1 - alpha) * z.array()) + u.array();
}

}  // namespace laggard
