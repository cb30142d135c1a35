// The linear algebra of a Newton step: the damped Hessian of F, with that of h where it is solved.
#pragma once

#include "core/reference/smooth_part.hpp"

#include <memory>
#include <vector>

namespace laggard::reference {

// H = Hessian of F at one point, plus damping on the diagonal. All vectors: d, and 0 outside the
// coordinates that this was made for.
class Curvature {
 public:
  virtual ~Curvature() = default;

  // H v, over the coordinates that this was made for.
  virtual Vector product(const Vector& v) = 0;

  // The s over `free`, a rising selection of those coordinates, with (H + Hessian of h at x) s =
  // -slope there: exactly, or to norm(residual) <= accuracy norm(slope).
  virtual Vector solve(const Vector& x, const std::vector<int>& free, const Vector& slope,
                       double accuracy) = 0;

  // How many systems are worth solving for one step.
  virtual int affordable_solves() const = 0;
};

// The Hessian at given margins (N) over `free`: as a matrix where that is small enough, by sweeps
// over the data otherwise. smooth: must outlive the result, and keeps one Hessian at a time.
std::unique_ptr<Curvature> make_curvature(SmoothPart& smooth, const Vector& margin,
                                          const std::vector<int>& free, double damping);

// The same by way of the samples whose loss is curved there, where these are fewer than `free`, and
// few, and h couples no coordinates; otherwise none. damping: greater than 0.
std::unique_ptr<Curvature> make_sample_curvature(SmoothPart& smooth, const Vector& margin,
                                                 const std::vector<int>& free, double damping);

}  // namespace laggard::reference
