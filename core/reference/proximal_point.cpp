// Rockafellar 1976, the inner problems as Li, Sun and Toh 2018 solve them:
//
//   repeat                                                            advance
//     c <- x,  x <- argmin phi(x) + sigma/2 norm(x - c)^2
//     sigma: smaller if that was found, larger for a while if not
//
// By duality x = prox_{h/sigma}(c - A^T w/sigma), where w minimises
//
//   psi(w) = sum_n loss*(w_n) - <A^T w, x> - h(x) - sigma/2 norm(x - c)^2,   grad psi = m - A x
//
// over w = loss'(m). Newton steps are taken in m: where no sample is at an edge of the loss and no
// coordinate at one of h they are exact, and psi has no more kinks than its gradient, so that edges
// do not shorten them as they do on phi. A sample whose loss is flat has no part in the system.
#include "core/reference/proximal_point.hpp"

#include "core/reference/certificate.hpp"
#include "core/reference/reference.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace laggard::reference {
namespace {

constexpr double kFirstWeight = 1e-6,
                 kLeastWeight = 1e-12;  // in units of a Lipschitz constant of grad F
constexpr int kPatience =
    5;  // proximal points that are found before a smaller sigma is tried again
constexpr int kMaxNewtonSteps = 100;
constexpr int kReleases = 10;  // fixings within a step that later ones may take back
constexpr int kMaxFixings = 30;
constexpr int kBisections = 60;
constexpr int kMaxCorrections = 10;
constexpr int kMaxDualHalvings = 40;
constexpr int kMaxBlindDualHalvings = 3;  // once psi no longer tells points apart
constexpr double kDualArmijo = 1e-4;
constexpr double kDualRounding = 1e-14;
constexpr double kNear = 0.1;            // of the distance that is left to go
constexpr double kLargestSystem = 2000;  // what larger ones take by sweeps is about as much
constexpr std::int64_t kMaxProximalPasses = 100'000;
constexpr double kMaxOperations = 3e11;   // in systems: minutes
constexpr double kSystemAccuracy = 1e-8;  // where systems are solved by conjugate gradients

}  // namespace

ProximalPoint::ProximalPoint(SmoothPart& smooth, Point start)
    : smooth_(smooth),
      point_(std::move(start)),
      margin_(point_.margin),
      last_pass_(smooth.passes() + kMaxProximalPasses) {
  const double lipschitz = smooth.lipschitz_bound();
  const double scale = lipschitz > 0 ? lipschitz : 1;
  weight_ = kFirstWeight * scale;
  least_weight_ = kLeastWeight * scale;
  largest_weight_ = scale;
}

void ProximalPoint::advance() {
  centre_ = point_.x;
  Dual dual = look(margin_);
  for (int i = 0; i < kMaxNewtonSteps && !is_spent() && !is_near(dual.primal, dual.error); ++i) {
    if (!newton_step(dual)) break;
  }
  const bool found = is_near(dual.primal, dual.error) || polish(dual);
  const bool better = dual.primal.objective() < point_.objective() ||
                      kkt(smooth_, dual.primal) < kkt(smooth_, point_);
  if (better) {
    point_ = std::move(dual.primal);
    margin_ = std::move(dual.margin);
  } else {
    margin_ = point_.margin;
  }
  if (!found) {
    weight_ = std::min(10 * weight_, largest_weight_);
    patience_ = kPatience;
  } else if (--patience_ <= 0) {
    weight_ = std::max(0.1 * weight_, least_weight_);
  }
}

ProximalPoint::Dual ProximalPoint::look(Vector margin) {
  const Regularizer& h = smooth_.regularizer();
  Dual dual;
  smooth_.gradient(margin, dual.pull);
  Vector x = centre_ - dual.pull / weight_;
  h.prox(view(x), 1 / weight_, view(x));
  dual.primal = smooth_.at(std::move(x));
  smooth_.complete(dual.primal);
  dual.w = smooth_.derivative(margin);
  const double loss = smooth_.value(margin);
  const double product = dot(view(std::as_const(dual.w)), view(std::as_const(margin)));
  const double along = dot(view(std::as_const(dual.pull)), view(std::as_const(dual.primal.x)));
  const double moved =
      0.5 * weight_ * squared_distance(view(std::as_const(dual.primal.x)), view(centre_));
  dual.value = product - loss - along - dual.primal.penalty - moved;
  dual.rounding = kDualRounding * (std::abs(product) + loss + std::abs(along) +
                                   std::abs(dual.primal.penalty) + moved);
  dual.error = std::sqrt(
      squared_distance(view(std::as_const(dual.primal.gradient)), view(std::as_const(dual.pull))));
  dual.margin = std::move(margin);
  return dual;
}

bool ProximalPoint::newton_step(Dual& dual) {
  const Vector curved = to_edges(dual);
  const Vector residual = dual.margin - dual.primal.margin;
  const Vector step = newton(dual, residual, curved);
  double t = 1;
  for (int i = 0; i < kMaxDualHalvings; ++i, t /= 2) {
    Dual trial = look(dual.margin + t * step);
    const Vector by = trial.w - dual.w;
    const double descent = dot(view(residual), view(by));
    const bool blind = !(descent < -dual.rounding);
    const bool lower =
        blind ? trial.error < dual.error : trial.value <= dual.value + kDualArmijo * descent;
    if (!lower) {
      if (blind && i >= kMaxBlindDualHalvings) return false;
      continue;
    }
    dual = std::move(trial);
    return true;
  }
  return false;
}

// The step of m, over the samples whose loss is curved. One that it takes over an edge of its loss
// ends there: its w is fixed at what that is, and the step sought anew, until the same are fixed.
Vector ProximalPoint::newton(const Dual& dual, const Vector& residual, const Vector& curved) {
  const std::vector<int> free = free_at(dual.primal.x);
  smooth_.set_curvature(curved);
  const Vector curvature = smooth_.curvature();
  Vector at = curved, fixed = Vector::Zero(at.size()), step;
  for (int i = 0; i < kMaxFixings; ++i) {
    const auto system = curvature_at(at, free);
    const Vector slope = smooth_.transposed(fixed - smooth_.curvature().cwiseProduct(residual));
    step = smooth_.margins(system->solve(dual.primal.x, free, slope, kSystemAccuracy)) - residual;
    const Vector end = dual.margin + step;
    const Vector change = smooth_.derivative(end) - dual.w;
    smooth_.set_curvature(end);
    bool same = true;
    for (Eigen::Index n = 0; n < at.size(); ++n) {
      const bool was_over = at[n] != curved[n];
      const bool stays = was_over && i >= kReleases;
      const bool over_edge = curvature[n] > 0 && (smooth_.curvature()[n] == 0 || stays);
      same = same && over_edge == was_over;
      if (!stays) {
        at[n] = over_edge ? end[n] : curved[n];
        fixed[n] = over_edge ? change[n] : 0;
      }
      if (over_edge || curvature[n] == 0) step[n] = curvature[n] == 0 ? 0 : fixed[n] / curvature[n];
    }
    if (same) break;
  }
  return step;
}

// Where the loss of a sample is flat at m, all margins up to the edge have the same w: moves m to
// where it is nearest to A x. Returns margins at which the curvature is that on the way there.
Vector ProximalPoint::to_edges(Dual& dual) {
  smooth_.set_curvature(dual.margin);
  const Vector& ax = dual.primal.margin;
  Vector far = dual.margin;
  for (Eigen::Index n = 0; n < far.size(); ++n)
    if (smooth_.curvature()[n] == 0) far[n] = ax[n];
  for (int i = 0; i < kBisections && far != dual.margin; ++i) {
    const Vector middle = i == 0 ? far : Vector(0.5 * (dual.margin + far));
    const Vector w = smooth_.derivative(middle);
    for (Eigen::Index n = 0; n < far.size(); ++n)
      (w[n] == dual.w[n] ? dual.margin : far)[n] = middle[n];
  }
  return far;
}

// The dual's x is known to the rounding of w over sigma, which is not enough once sigma is small.
// Newton's method for x itself, the samples and coordinates at edges being those of the dual.
bool ProximalPoint::polish(Dual& dual) {
  Point& point = dual.primal;
  const std::vector<int> free = free_at(point.x);
  const auto system = curvature_at(dual.margin, free);
  const Vector curvature = smooth_.curvature();
  double residual = residual_at(point);
  for (int i = 0; i < kMaxCorrections && !is_near(point, residual); ++i) {
    const Vector w = dual.w + curvature.cwiseProduct(point.margin - dual.margin);
    Vector slope = smooth_.transposed(w) + weight_ * (point.x - centre_);
    smooth_.regularizer().add_gradient(view(point.x), view(slope));
    Vector x = point.x + system->solve(point.x, free, slope, kSystemAccuracy);
    smooth_.regularizer().stay_on_piece(view(point.x), view(x));
    Point next = smooth_.at(std::move(x));
    smooth_.complete(next);
    const double left = residual_at(next);
    if (!(left < residual)) return false;
    residual = left;
    point = std::move(next);
  }
  return is_near(point, residual);
}

std::unique_ptr<Curvature> ProximalPoint::curvature_at(const Vector& margin,
                                                       const std::vector<int>& free) {
  smooth_.set_curvature(margin);
  const auto samples = static_cast<double>((smooth_.curvature().array() > 0).count());
  const double size = std::min({static_cast<double>(free.size()), samples, kLargestSystem});
  operations_ += size * size * size / 3;
  if (auto by_samples = make_sample_curvature(smooth_, margin, free, weight_)) return by_samples;
  return make_curvature(smooth_, margin, free, weight_);
}

bool ProximalPoint::is_spent() const {
  return operations_ > kMaxOperations || smooth_.passes() > last_pass_;
}

std::vector<int> ProximalPoint::free_at(const Vector& x) const {
  std::vector<int> free;
  smooth_.regularizer().free_coordinates(view(x), free);
  return free;
}

double ProximalPoint::residual_at(const Point& point) const {
  Vector step = point.x - point.gradient - weight_ * (point.x - centre_);
  smooth_.regularizer().prox(view(step), 1.0, view(step));
  return std::sqrt(squared_distance(view(point.x), view(std::as_const(step))));
}

// Whether an error is small beside what the centre is still away, or than anyone asks for.
bool ProximalPoint::is_near(const Point& point, double error) const {
  const double moved = std::sqrt(squared_distance(view(point.x), view(centre_)));
  return error <=
         kNear * std::max(weight_ * moved, kReferenceKkt * std::max(1.0, norm(view(point.x))));
}

}  // namespace laggard::reference
