#include "core/reference/certificate.hpp"

#include <algorithm>
#include <cmath>

namespace laggard::reference {

double kkt(const SmoothPart& smooth, const Point& point) {
  Vector step = point.x - point.gradient;
  smooth.regularizer().prox(view(step), 1.0, view(step));
  return (point.x - step).norm() / std::max(1.0, point.x.norm());
}

double relative_duality_gap(const SmoothPart& smooth, const Point& point) {
  const Problem& problem = smooth.problem();
  Vector y = -point.gradient;
  const double scale = problem.regularizer->dual_scale(view(y));
  if (scale == 0) return kNaN;
  y *= scale;
  Vector dual(point.margin.size());
  const auto labels = Rows{problem.data.get(), 0, problem.data->samples()}.labels();
  problem.loss->derivative(view(point.margin), labels, view(dual));
  dual *= scale;
  const double bound =
      -problem.loss->conjugate(view(dual), labels) - problem.regularizer->conjugate(view(y));
  return (point.objective() - bound) / std::max(1.0, std::abs(point.objective()));
}

}  // namespace laggard::reference
