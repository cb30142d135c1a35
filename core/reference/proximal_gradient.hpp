// Accelerated proximal gradient: finds out which piece of h the minimiser lies on.
#pragma once

#include "core/reference/smooth_part.hpp"

namespace laggard::reference {

// Remembers its step size from one run to the next.
class ProximalGradient {
 public:
  explicit ProximalGradient(SmoothPart& smooth);

  // Makes `steps` steps from `point` and leaves the result there, with its gradient. phi does not
  // rise but by rounding.
  void run(Point& point, int steps);

 private:
  Point step(const Vector& y, const Vector& margin_y);

  SmoothPart& smooth_;
  double lipschitz_;      // the inverse of the step size
  double max_lipschitz_;  // safe everywhere
};

}  // namespace laggard::reference
