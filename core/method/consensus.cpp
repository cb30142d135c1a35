#include "core/method/consensus.hpp"

#include "core/problem/vector_ops.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace laggard {

Consensus::Consensus(const Regularizer& regularizer, int shards, int features,
                     const ConsensusOptions& options)
    : regularizer_(regularizer), options_(options), features_(features), rho_(options.rho),
      z_(std::make_shared<Vector>(Vector::Zero(features))), z_old_(z_),
      shards_(static_cast<std::size_t>(shards)), sum_(shards, features, options.rho) {
  for (ShardState& shard : shards_) {
    shard.omega = z_;
    shard.z = z_;
    shard.x = *z_;
    shard.rho = options.rho;
  }
}

void Consensus::form(ShardId p, Task& task) const {
  const ShardState& shard = shards_[static_cast<std::size_t>(p)];
  task.z = z_;
  task.omega = shard.omega;
  task.rho = rho_;
  // The literal listing never rescales the dual.
  task.q = options_.literal ? 1.0 : shard.rho / rho_;
}

void Consensus::accept(ShardId p, Contribution contribution, const SharedVector& z_task,
                       double rho_task) {
  ShardState& shard = shards_[static_cast<std::size_t>(p)];
  shard.u_squared = squared_norm(view(contribution.u));
  shard.x_squared = squared_norm(view(contribution.x));
  const double alpha = options_.relaxation;
  Vector omega = std::move(contribution.u);
  if (alpha == 1.0)
    omega.array() = contribution.x.array() + omega.array();
  else
    omega.array() = ((alpha * contribution.x.array()) + (1 - alpha) * z_task->array()) + omega.array();
  shard.x = std::move(contribution.x);
  shard.omega = std::make_shared<Vector>(std::move(omega));
  shard.z = z_task;
  shard.rho = rho_task;
  shard.accepted = true;
  sum_.set(p, rho_task, shard.omega);
}

Residuals Consensus::update() {
  minimise_z();
  Residuals residuals = measure();
  if (options_.literal) {
    // r one round late, s without sqrt(P).
    residuals.primal = std::exchange(literal_primal_, residuals.primal);
    residuals.dual = rho_ * std::sqrt(squared_distance(view(*z_), view(*z_old_)));
  }
  adapt_rho(residuals);
  return residuals;
}

void Consensus::minimise_z() {
  // A proximal term gamma/2 norm(z - z_old)^2 joins here, in this order of operations [math 2].
  const double weight = sum_.total_weight();
  Vector z = sum_.total().array() / weight;
  regularizer_.prox(view(z), 1 / weight, view(z));
  z_old_ = std::exchange(z_, std::make_shared<Vector>(std::move(z)));
}

Residuals Consensus::measure() const {
  Residuals out;
  out.all_accepted = true;
  double primal = 0, dual = 0, x_squared = 0, y_squared = 0;
  std::vector<std::pair<const Vector*, double>> moved;  // norm(z - z_j)^2 of each distinct z_j
  for (const ShardState& shard : shards_) {
    auto known = std::find_if(moved.begin(), moved.end(),
                              [&](const auto& entry) { return entry.first == shard.z.get(); });
    if (known == moved.end())
      known = moved.emplace(moved.end(), shard.z.get(), squared_distance(view(*z_), view(*shard.z)));
    primal += squared_distance(view(shard.x), view(*z_));
    dual += shard.rho * shard.rho * known->second;
    x_squared += shard.x_squared;
    y_squared += shard.rho * shard.rho * shard.u_squared;
    out.all_accepted &= shard.accepted;
  }
  out.primal = std::sqrt(primal);
  out.dual = std::sqrt(dual);
  out.norm_x = std::sqrt(x_squared);
  out.norm_z = norm(view(*z_));
  out.norm_y = std::sqrt(y_squared);
  return out;
}

void Consensus::adapt_rho(const Residuals& residuals) {
  // Only while nothing in the sums is older than the current rho: without this window, balancing
  // runs away under protocols that use old reports [math 2].
  const bool settled = std::all_of(shards_.begin(), shards_.end(), [this](const ShardState& shard) {
    return shard.accepted && shard.rho == rho_;
  });
  if (!settled) return;
  const PenaltyPolicy& policy = options_.policy;
  if (residuals.primal > policy.mu * residuals.dual)
    rho_ *= policy.factor;
  else if (residuals.dual > policy.mu * residuals.primal)
    rho_ /= policy.factor;
}

}  // namespace laggard
