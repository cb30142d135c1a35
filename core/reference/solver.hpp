// The reference solver: proximal gradient and Newton in turn, from any point, for as long as asked.
#pragma once

#include "core/reference/piece_newton.hpp"
#include "core/reference/proximal_gradient.hpp"
#include "core/reference/smooth_part.hpp"

namespace laggard::reference {

// Remembers step sizes and damping wherever it begins.
class Solver {
 public:
  explicit Solver(SmoothPart& smooth)  // must outlive it
      : smooth_(smooth), gradient_(smooth), newton_(smooth) {}

  // Begins anew at `point`, with `steps` steps of proximal gradient.
  void start(Point point, int steps);
  // A Newton step, but for the first time after start(), then steps of proximal gradient.
  void advance();

  const Point& point() const { return point_; }  // complete after advance()

 private:
  SmoothPart& smooth_;
  ProximalGradient gradient_;
  PieceNewton newton_;
  Point point_;
  double kkt_ = kNaN;  // at point_
  int steps_ = 0;      // before the coming Newton step
  bool begun_ = false;
};

}  // namespace laggard::reference
