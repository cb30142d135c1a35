#include "core/reference/certificate.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace laggard::reference {
namespace {

std::span<const double> labels_of(const SmoothPart& smooth) {
  const Dataset& data = *smooth.problem().data;
  return Rows{&data, 0, data.samples()}.labels();
}

// D at c w, with c y in the place of -A^T c w, c as large as h* admits; -infinity if that is 0.
double dual_value(const SmoothPart& smooth, Vector w, Vector y) {
  const double scale = smooth.regularizer().dual_scale(view(y));
  if (scale == 0) return -kInfinity;
  w *= scale;
  y *= scale;
  return -smooth.problem().loss->conjugate(view(std::as_const(w)), labels_of(smooth)) -
         smooth.regularizer().conjugate(view(std::as_const(y)));
}

}  // namespace

double kkt(const SmoothPart& smooth, const Point& point) {
  Vector step = point.x - point.gradient;
  smooth.regularizer().prox(view(step), 1.0, view(step));
  return std::sqrt(squared_distance(view(point.x), view(step))) /
         std::max(1.0, norm(view(point.x)));
}

double relative_duality_gap(const SmoothPart& smooth, const Point& point) {
  const double bound = dual_value(smooth, smooth.derivative(point.margin), -point.gradient);
  if (bound == -kInfinity) return kNaN;
  return (point.objective() - bound) / std::max(1.0, std::abs(point.objective()));
}

double lower_bound(const SmoothPart& smooth, const Point& point, const Vector& column_norm) {
  Vector w = smooth.derivative(point.margin);
  const Vector y = -point.gradient;
  const Vector room = kColumnError * norm(view(w)) * column_norm;
  const Vector moved = y.cwiseMax(-room).cwiseMin(room);
  const double slack = laggard::detail::lane_sum(
      view(moved).size(), [&](auto j) { return std::abs(moved[j]) * std::abs(point.x[j]); });
  // w is made twice: a copy would be one more number a sample.
  const double straight = dual_value(smooth, std::move(w), y);
  return std::max(straight, dual_value(smooth, smooth.derivative(point.margin), y - moved) - slack);
}

}  // namespace laggard::reference
