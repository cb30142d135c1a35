#include "core/solver/line_search.hpp"

#include <cmath>

namespace laggard {
namespace {

constexpr double kArmijo = 1e-4;
constexpr double kSmallestStep = 1e-10;

}  // namespace

double acceptable_step(const Loss& loss_of, ConstSpan label, double loss, ConstSpan margin,
                       ConstSpan step_margin, const Line& line, Span trial, Span first) {
  for (double t = 1; t > kSmallestStep; t /= 2) {
    for (std::size_t n = 0; n < trial.size(); ++n) trial[n] = margin[n] + t * step_margin[n];
    const double decrease = loss - loss_of.derivative(trial, label, first) -
                            t * (line.linear + 0.5 * t * line.quadratic);
    if (decrease >= -kArmijo * t * line.slope) return t;
    if (std::abs(decrease) <= line.resolution &&
        std::abs(dot(first, step_margin) + line.linear + t * line.quadratic) <= -0.9 * line.slope)
      return t;
  }
  return 0;
}

}  // namespace laggard
