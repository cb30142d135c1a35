// Beck and Teboulle 2009, the momentum dropped whenever it makes phi rise:
//
//   y <- x, theta <- 1
//   repeat
//     x+ <- prox_{h/L}(y - grad F(y)/L), L doubled until F(x+) <= its model at y
//     phi(x+) > phi(x), momentum: y <- x, theta <- 1, again
//     theta+ <- (1 + sqrt(1 + 4 theta^2))/2,  y <- x+ + (theta - 1)/theta+ (x+ - x)
#include "core/reference/proximal_gradient.hpp"

#include <cmath>

namespace laggard::reference {
namespace {

constexpr double kRoundingOfSmooth = 1e-13;  // what F is known to, relatively
constexpr double kResolved = 1e-7;  // a change of F by that much is told well from rounding
constexpr double kShrink = 0.8;     // of L after each step: it follows F to where that is flatter

}  // namespace

ProximalGradient::ProximalGradient(SmoothPart& smooth)
    : smooth_(smooth), max_lipschitz_(2 * smooth.lipschitz_bound()) {
  if (!(max_lipschitz_ > 0)) max_lipschitz_ = 1;
  lipschitz_ = max_lipschitz_ / 2;
}

Point ProximalGradient::step(const Vector& y, const Vector& margin_y) {
  const double value = smooth_.value(margin_y);
  Vector gradient;
  smooth_.gradient(margin_y, gradient);
  for (;;) {
    Vector x = y - gradient / lipschitz_;
    smooth_.regularizer().prox(view(x), 1 / lipschitz_, view(x));
    Point next = smooth_.at(std::move(x));
    const Vector moved = next.x - y;
    const double quadratic = 0.5 * lipschitz_ * squared_norm(view(moved));
    const double model = value + dot(view(std::as_const(gradient)), view(moved)) + quadratic;
    if (next.smooth <= model + kRoundingOfSmooth * std::abs(value) ||
        lipschitz_ >= max_lipschitz_) {
      if (quadratic > kResolved * std::abs(value)) lipschitz_ *= kShrink;
      return next;
    }
    lipschitz_ = std::min(2 * lipschitz_, max_lipschitz_);
  }
}

void ProximalGradient::run(Point& point, int steps) {
  Vector y = point.x, margin_y = point.margin;
  double theta = 1;
  for (int k = 0; k < steps; ++k) {
    Point next = step(y, margin_y);
    if (theta > 1 && next.objective() > point.objective()) {
      y = point.x;
      margin_y = point.margin;
      theta = 1;
      continue;
    }
    const double next_theta = 0.5 * (1 + std::sqrt(1 + 4 * theta * theta));
    const double momentum = (theta - 1) / next_theta;
    y = next.x + momentum * (next.x - point.x);
    margin_y = next.margin + momentum * (next.margin - point.margin);
    theta = next_theta;
    point = std::move(next);
  }
  smooth_.complete(point);
}

}  // namespace laggard::reference
