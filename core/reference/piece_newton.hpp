// Newton's method on the smooth pieces of phi.
#pragma once

#include "core/reference/curvature.hpp"
#include "core/reference/smooth_part.hpp"

#include <vector>

namespace laggard::reference {

// Remembers its damping from one step to the next.
class PieceNewton {
 public:
  enum class Outcome {
    full,       // the whole step was taken and ends on the same piece
    shortened,  // a part of it was, or it went over to a smaller piece
    refused,    // nothing was gained: the point is as it was
  };

  explicit PieceNewton(SmoothPart& smooth) : smooth_(smooth) {}

  // Makes one step from `point`, complete, and leaves the result there, complete. Coordinates may
  // lose their freedom in it but not gain it.
  Outcome step(Point& point);

 private:
  struct Step {
    Vector by;        // d
    double decrease;  // of the model, at least 0
    bool same_piece;
  };
  Step minimize_model(const Point& point);
  // The coordinates that are free at x and would not stay as they are.
  std::vector<int> movable(const Vector& x, const Vector& slope) const;
  bool accept(Point& trial, const Point& point, double decrease);

  SmoothPart& smooth_;
  double damping_ = 1e-6;  // in units of SmoothPart::curvature_scale
};

}  // namespace laggard::reference
