// What proves that a point is the minimiser, to a known accuracy.
#pragma once

#include "core/reference/reference.hpp"
#include "core/reference/smooth_part.hpp"

namespace laggard::reference {

// kkt of a complete point [math 3.2].
double kkt(const SmoothPart& smooth, const Point& point);

// (phi(x) - D(w)) / max(1, abs(phi(x))) of a complete point, where D is the dual of [math 1.1]
//     D(w) = - sum_n loss*(w_n) - h*(-A^T w) <= phi*
// at w_n = c loss'(m_n), the largest c in [0, 1] that h* admits. NaN where only w = 0 is: without a
// regulariser, or with bounds at infinity, no such point is dual feasible but at x* itself.
double relative_duality_gap(const SmoothPart& smooth, const Point& point);

// The largest bound D(w) <= phi* that a complete point x gives; -infinity if none. Beside w as
// above, one that is dual feasible up to kColumnError of each feature: a column of A that is
// changed by as much of its norm makes -(A^T w)_j what h* admits. What such a change does to phi at
// x is taken off. column_norm: d.
inline constexpr double kColumnError = 1e-10;
double lower_bound(const SmoothPart& smooth, const Point& point, const Vector& column_norm);

}  // namespace laggard::reference
