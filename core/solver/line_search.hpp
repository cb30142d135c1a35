// The step length along a direction, from cached margins.
#pragma once

#include "core/problem/loss.hpp"
#include "core/problem/vector_ops.hpp"

namespace laggard {

// What g(x + t s) is beside the losses, and how g begins.
struct Line {
  double slope;       // d/dt g at t = 0, below 0
  double linear;      // d/dt of the penalty at t = 0
  double quadratic;   // its second derivative
  double resolution;  // a decrease of g that is not above this says nothing
};

// The first of 1, 1/2, 1/4, ... that decreases g enough; 0: none does. Where the decrease is below
// what doubles resolve, the slope decides instead (the approximate Wolfe condition of Hager and
// Zhang 2005). loss: the sum of the losses at `margin`. `trial` then holds the margins there,
// `first` the derivatives of the losses. All spans: rows.
double acceptable_step(const Loss& loss_of, ConstSpan label, double loss, ConstSpan margin,
                       ConstSpan step_margin, const Line& line, Span trial, Span first);

}  // namespace laggard
