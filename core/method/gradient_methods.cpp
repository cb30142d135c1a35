#include "core/method/gradient_methods.hpp"

#include "core/io/error.hpp"
#include "core/problem/vector_ops.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace laggard {
namespace {

// 1 / L; any step will do where the gradient is constant.
double inverse(double lipschitz) { return lipschitz > 0 ? 1 / lipschitz : 1.0; }

double distance(const Vector& a, const Vector& b) {
  return std::sqrt(squared_distance(view(a), view(b)));
}

}  // namespace

GradientMethod::GradientMethod(int shards, int features, Precision precision)
    : features_(features),
      precision_(precision),
      zero_(std::make_shared<const Vector>(Vector::Zero(features))),
      shards_(static_cast<std::size_t>(shards)),
      sum_(shards, features, 1) {
  for (ShardState& shard : shards_) shard.point = zero_;
}

SharedVector GradientMethod::share(Vector vector) const {
  round_to(precision_, vector);
  return std::make_shared<const Vector>(std::move(vector));
}

void GradientMethod::form(Task& task) const {
  task.kind = TaskKind::gradient;
  task.numbers_up = features_ + 1;  // the value too
  task.floats = precision_ == Precision::f32 ? features_ : 0;
  task.z = point();
}

void GradientMethod::accept(const Task& task, Contribution contribution) {
  ShardState& shard = shards_[static_cast<std::size_t>(task.shard)];
  shard.point = task.z;
  shard.accepted = shard.fresh = true;
  sum_.set(task.shard, 1, std::make_shared<const Vector>(std::move(contribution.x)));
}

void GradientMethod::accept_sum(Contribution sum) {
  decoded_ = std::move(sum.x);
  for (ShardState& shard : shards_) shard = {point(), true, true};
}

Residuals GradientMethod::update(Absent absent) {
  Residuals residuals = step(sum_gradients(absent));
  residuals.all_accepted =
      std::all_of(shards_.begin(), shards_.end(), [](const ShardState& s) { return s.accepted; });
  for (ShardState& shard : shards_) shard.fresh = false;
  return residuals;
}

Vector GradientMethod::sum_gradients(Absent absent) {
  if (decoded_) return *std::exchange(decoded_, std::nullopt);
  const auto fresh =
      std::count_if(shards_.begin(), shards_.end(), [](const ShardState& s) { return s.fresh; });
  if (absent == Absent::reuse || fresh == shards()) return sum_.total();
  LAGGARD_ASSERT(fresh > 0, "an update over no gradient at all");
  for (ShardId p = 0; p < shards(); ++p)
    if (!shards_[static_cast<std::size_t>(p)].fresh) sum_.leave_out(p);
  return (static_cast<double>(shards()) / static_cast<double>(fresh)) * sum_.total();
}

void GradientMethod::persist(StateArchive& archive) {
  for (ShardState& shard : shards_) {
    archive.shared(shard.point);
    archive.value(shard.accepted);
  }
  sum_.persist(archive);
  persist_own(archive);
}

bool GradientMethod::all_fresh() const {
  return std::all_of(shards_.begin(), shards_.end(), [](const ShardState& s) { return s.fresh; });
}

double GradientMethod::farthest_squared(const Vector& x) const {
  double farthest = 0;
  std::vector<const Vector*> known;  // few: the points of the last updates
  for (const ShardState& shard : shards_) {
    if (std::find(known.begin(), known.end(), shard.point.get()) != known.end()) continue;
    known.push_back(shard.point.get());
    farthest = std::max(farthest, squared_distance(view(x), view(*shard.point)));
  }
  return farthest;
}

LinearizedAdmm::LinearizedAdmm(const Regularizer& regularizer, int shards, int features,
                               const GradientOptions& options)
    : GradientMethod(shards, features, options.precision),
      regularizer_(regularizer),
      policy_(options.policy),
      rho_(options.rho),
      x_(zero()),
      z_(zero()),
      u_(Vector::Zero(features)) {
  const double slack = options.max_age <= 1 ? 1.0 : 1.0 + static_cast<double>(options.max_age);
  alpha_ = options.step_size.value_or(inverse(slack * options.sum_lipschitz));
}

Residuals LinearizedAdmm::step(const Vector& gradient) {
  const SharedVector x_old = x_, z_old = z_;
  x_ = share((*x_old / alpha_ + rho_ * (*z_old - u_) - gradient) / (1 / alpha_ + rho_));
  Vector z = *x_ + u_;
  regularizer_.prox(view(z), 1 / rho_, view(z));
  z_ = share(std::move(z));
  u_ += *x_ - *z_;
  Residuals out;
  const double moved =
      std::sqrt(std::max(squared_distance(view(*x_), view(*x_old)), farthest_squared(*x_)));
  out.primal = distance(*x_, *z_);
  out.dual = rho_ * distance(*z_, *z_old) + moved / alpha_;
  out.norm_x = norm(view(*x_));
  out.norm_z = norm(view(*z_));
  out.norm_y = rho_ * norm(view(u_));
  adapt_rho(out.primal, rho_ * distance(*z_, *z_old));
  return out;
}

void LinearizedAdmm::persist_own(StateArchive& archive) {
  archive.value(rho_);
  archive.shared(x_);
  archive.shared(z_);
  archive.vector(u_);
}

void LinearizedAdmm::adapt_rho(double primal, double dual) {
  if (!all_fresh()) return;
  const double old = rho_;
  if (primal > policy_.mu * dual)
    rho_ *= policy_.factor;
  else if (dual > policy_.mu * primal)
    rho_ /= policy_.factor;
  if (rho_ != old) u_ *= old / rho_;  // rho u is the dual: it stays where it is
}

FistaMethod::FistaMethod(const Regularizer& regularizer, int shards, int features,
                         const GradientOptions& options)
    : GradientMethod(shards, features, options.precision),
      regularizer_(regularizer),
      momentum_(options.momentum),
      step_(options.step_size.value_or(inverse(options.sum_lipschitz))),
      x_(zero()),
      y_(zero()) {}

Residuals FistaMethod::step(const Vector& gradient) {
  const SharedVector x_old = x_, y_old = y_;
  Vector x = *y_old - step_ * gradient;
  regularizer_.prox(view(x), step_, view(x));
  x_ = share(std::move(x));
  const double t_old = std::exchange(t_, (1 + std::sqrt(1 + 4 * t_ * t_)) / 2);
  const double momentum = momentum_.value_or((t_old - 1) / t_);
  y_ = share(*x_ + momentum * (*x_ - *x_old));
  Residuals out;
  out.primal = distance(*x_, *y_old) / step_;
  out.norm_x = norm(view(gradient));
  return out;
}

void FistaMethod::persist_own(StateArchive& archive) {
  archive.value(t_);
  archive.shared(x_);
  archive.shared(y_);
}

Agd::Agd(const Regularizer& regularizer, int shards, int features, const GradientOptions& options)
    : GradientMethod(shards, features, options.precision),
      regularizer_(regularizer),
      samples_(static_cast<double>(options.samples)),
      w_(zero()),
      v_(Vector::Zero(features)) {
  const std::optional<double> lambda = regularizer.smooth_curvature();
  LAGGARD_ASSERT(lambda, "agd with " + regularizer.spec());
  alpha_ = options.step_size.value_or(inverse((options.sum_lipschitz + *lambda) / samples_));
  const double slowest = 1 - std::min(1.0, std::sqrt(alpha_ * *lambda / samples_));
  beta_ = options.momentum.value_or(*lambda > 0 ? slowest * slowest : 0.9);
}

Residuals Agd::step(const Vector& gradient) {
  Vector slope = gradient;  // grad phi(w)
  regularizer_.add_gradient(view(*w_), view(slope));
  v_ = beta_ * v_ + slope / samples_;
  w_ = share(*w_ - alpha_ * v_);
  Residuals out;
  out.primal = norm(view(slope));
  out.norm_x = norm(view(gradient));
  return out;
}

void Agd::persist_own(StateArchive& archive) {
  archive.shared(w_);
  archive.vector(v_);
}

}  // namespace laggard
