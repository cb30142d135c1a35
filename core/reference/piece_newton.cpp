//   model(s) = <grad F(x), s> + 1/2 <s, (Hessian of F + damping I) s> + h(x + s)
//
//   s <- 0
//   repeat                                                            minimize_model
//     free <- the coordinates free to move on the piece of h that x + s lies on, without those
//             where a step is 0: no sample has them, and h does not slope
//     solve for the Newton step of the model over them
//     go along it, staying on the closure of the piece, as far as halving finds the model lower
//     no edge of the piece met? done
//   t <- 1, halved until x + t s is better                            accept
//   damping: smaller after a full step, larger after a short one
//
// Going from edge to edge within the model is what makes this work where A has collinear columns:
// phi is then linear along some lines, a Newton step along them crosses many kinks at once, and
// only a few of these are to be crossed.
#include "core/reference/piece_newton.hpp"

#include "core/reference/certificate.hpp"

#include <algorithm>
#include <cmath>

namespace laggard::reference {
namespace {

constexpr int kMaxHalvings = 40;
constexpr int kMaxBlindHalvings = 3;  // once phi no longer tells points apart
constexpr double kMinDamping = 1e-14, kMaxDamping = 1;
constexpr double kArmijo = 1e-4;
constexpr double kRounding = 1e-12;  // differences of phi below that, relatively, are not trusted

double resolution(const Point& point) {
  return kRounding * (point.smooth + std::abs(point.penalty));
}

}  // namespace

PieceNewton::Outcome PieceNewton::step(Point& point) {
  const Step step = minimize_model(point);
  const int halvings = step.decrease > resolution(point) ? kMaxHalvings : kMaxBlindHalvings;
  double t = 1;
  for (int halving = 0; halving < halvings && step.decrease > 0; ++halving, t /= 2) {
    Point trial = smooth_.at(point.x + t * step.by);
    if (!accept(trial, point, t * step.decrease)) continue;
    point = std::move(trial);
    smooth_.complete(point);
    const double change = t > 0.5 ? 0.1 : t < 0.25 ? 10 : 1;
    damping_ = std::clamp(change * damping_, kMinDamping, kMaxDamping);
    return t == 1 && step.same_piece ? Outcome::full : Outcome::shortened;
  }
  damping_ = std::min(10 * damping_, kMaxDamping);
  return Outcome::refused;
}

PieceNewton::Step PieceNewton::minimize_model(const Point& point) {
  const Regularizer& h = smooth_.regularizer();
  Step best{Vector::Zero(point.x.size()), 0, true};
  Vector slope = point.gradient;
  h.add_gradient(view(point.x), view(slope));
  std::vector<int> free = movable(point.x, slope);
  if (free.empty()) return best;
  const auto curvature =
      make_curvature(smooth_, point.margin, free, damping_ * smooth_.curvature_scale());

  // As much accuracy as makes the steps converge superlinearly, but no more than is asked for.
  const double residual = kkt(smooth_, point);
  const double accuracy =
      std::min(0.1, std::max(std::sqrt(residual), 0.1 * kReferenceKkt / residual));
  Vector x = point.x, image = Vector::Zero(x.size());  // x + s and H s
  for (int round = 0; round < curvature->affordable_solves() && !free.empty(); ++round) {
    const Vector newton = curvature->solve(x, free, slope, accuracy);
    const double predicted = -0.5 * dot(view(slope), view(newton));
    const Vector start = x;
    bool inside = false, lower = false;
    double t = 1;
    for (int halving = 0; halving < kMaxHalvings && !inside; ++halving, t /= 2) {
      const Vector straight = start + t * newton;
      Vector next = straight;
      h.stay_on_piece(view(start), view(next));
      Vector by = next - point.x;
      Vector next_image = curvature->product(by);
      const Vector model = point.gradient + 0.5 * next_image;
      double decrease = point.penalty - h.value(view(next)) - dot(view(by), view(model));
      inside = next == straight && t == 1;
      if (inside && round == 0 && predicted <= resolution(point))
        decrease = std::max(decrease, predicted);
      if (!(decrease > best.decrease)) {
        inside = false;
        if (lower) break;
        continue;
      }
      lower = true;
      best = {std::move(by), decrease, inside && round == 0};
      x = std::move(next);
      image = std::move(next_image);
    }
    if (!lower || inside) break;
    slope = point.gradient + image;
    h.add_gradient(view(x), view(slope));
    free = movable(x, slope);
  }
  return best;
}

// A column without entries is coupled to others by h alone, and by no h where x_j does not slope.
// A box leaves such coordinates free by the thousand: the Hessian without them is small and dense.
std::vector<int> PieceNewton::movable(const Vector& x, const Vector& slope) const {
  std::vector<int> free;
  smooth_.regularizer().free_coordinates(view(x), free);
  std::erase_if(free, [&](int j) { return slope[j] == 0 && !smooth_.depends_on(j); });
  return free;
}

bool PieceNewton::accept(Point& trial, const Point& point, double decrease) {
  if (!std::isfinite(trial.objective())) return false;
  if (decrease > resolution(point))
    return trial.objective() <= point.objective() - kArmijo * decrease;
  if (trial.objective() > point.objective() + resolution(point)) return false;
  smooth_.complete(trial);
  return kkt(smooth_, trial) < kkt(smooth_, point);
}

}  // namespace laggard::reference
