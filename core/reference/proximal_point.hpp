// Proximal points, each by Newton's method on its dual.
#pragma once

#include "core/reference/curvature.hpp"
#include "core/reference/smooth_part.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace laggard::reference {

// Gets there where many samples are at an edge of the loss and many coordinates at one of h, so
// that steps along a piece of phi are short. Takes longer than Solver everywhere else.
class ProximalPoint {
 public:
  ProximalPoint(SmoothPart& smooth, Point start);  // smooth: must outlive it; start: complete

  // Goes to the next proximal point, or as far towards it as is found.
  void advance();

  const Point& point() const { return point_; }  // complete
  bool is_spent() const;                         // whether it has done as much as is worth while

 private:
  // What margins m, an estimate of A x, say about the proximal point.
  struct Dual {
    Vector margin;    // N: m
    Vector w;         // N: loss'(m)
    Vector pull;      // d: A^T w
    Point primal;     // the minimiser of <pull, x> + h(x) + weight/2 norm(x - centre)^2; complete
    double value;     // psi
    double rounding;  // what psi is known to
    double error;     // norm of a subgradient at `primal` of what the proximal point minimises
  };
  Dual look(Vector margin);
  bool newton_step(Dual& dual);
  Vector to_edges(Dual& dual);
  Vector newton(const Dual& dual, const Vector& residual, const Vector& curved);
  bool polish(Dual& dual);
  std::unique_ptr<Curvature> curvature_at(const Vector& margin, const std::vector<int>& free);
  std::vector<int> free_at(const Vector& x) const;
  double residual_at(const Point& point) const;
  bool is_near(const Point& point, double error) const;

  SmoothPart& smooth_;
  Point point_;
  Vector margin_;  // N: where the dual begins
  Vector centre_;  // d
  double weight_;  // sigma
  double least_weight_, largest_weight_;
  std::int64_t last_pass_;
  double operations_ = 0;  // so far, in systems
  int patience_ = 0;       // proximal points to be found before weight_ becomes smaller
};

}  // namespace laggard::reference
