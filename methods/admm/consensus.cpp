#include "methods/admm/consensus.hpp"

#include "core/io/error.hpp"
#include "core/problem/vector_ops.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace laggard {

Vector rescaled_dual(const Task& task) {
  LAGGARD_ASSERT(task.scalars.size() == AdmmTask::scalars && task.operands.size() == 1,
                 "a task that is none of admm");
  const Vector& omega = *task.operands[AdmmTask::kOmega].value;
  LAGGARD_ASSERT(omega.size() == task.z->size(), "an operand of another length than z");
  return task.scalars[AdmmTask::q] * (omega.array() - task.z->array());
}

void add_to_dual(double alpha, const Vector& x, const Vector& z, Vector& u) {
  if (alpha == 1.0)
    u.array() = x.array() + u.array();
  else
    u.array() = ((alpha * x.array()) + (1 - alpha) * z.array()) + u.array();
}

Consensus::Consensus(const Regularizer& regularizer, int shards, int features,
                     const ConsensusOptions& options)
    : regularizer_(regularizer),
      options_(options),
      features_(features),
      rho_(options.rho),
      z_(std::make_shared<Vector>(Vector::Zero(features))),
      z_old_(z_),
      report_(std::make_shared<ReportShape>(ReportShape{{features}, 0})),
      shards_(static_cast<std::size_t>(shards)),
      sum_(shards, features, options.rho) {
  for (ShardState& shard : shards_) {
    shard.omega = z_;
    shard.z = z_;
    shard.x = *z_;
    shard.rho = options.rho;
  }
}

void Consensus::form(Task& task) const {
  const ShardState& shard = shards_[static_cast<std::size_t>(task.shard)];
  task.z = z_;
  // The literal listing never rescales the dual.
  const double q = options_.literal ? 1.0 : shard.rho / rho_;
  task.scalars = {rho_, q};
  task.operands = {{shard.omega_of, shard.omega}};
  task.kept = 1;
  task.report = report_;
  task.precision = options_.precision;
}

void Consensus::accept(const Task& task, Contribution contribution) {
  LAGGARD_ASSERT(contribution.vectors.size() == 1, "a contribution that is none of admm");
  Vector& x = contribution.vectors.front();
  ShardState& shard = shards_[static_cast<std::size_t>(task.shard)];
  Vector omega = rescaled_dual(task);
  shard.u_squared = squared_norm(view(omega));
  shard.x_squared = squared_norm(view(x));
  add_to_dual(options_.relaxation, x, *task.z, omega);
  shard.x = std::move(x);
  shard.omega = std::make_shared<Vector>(std::move(omega));
  shard.omega_of = task.id;
  shard.z = task.z;
  shard.rho = task.scalars[AdmmTask::rho];
  shard.accepted = shard.fresh = true;
  sum_.set(task.shard, shard.rho, shard.omega);
}

Residuals Consensus::update(Absent absent) {
  if (absent == Absent::left_out) leave_out_absent();
  minimise_z();
  Residuals residuals = measure();
  residuals.literal = options_.literal;
  if (options_.literal) {
    // r one round late, s without sqrt(P).
    residuals.primal = std::exchange(literal_primal_, residuals.primal);
    residuals.dual = rho_ * std::sqrt(squared_distance(view(*z_), view(*z_old_)));
  }
  adapt_rho(residuals);
  for (ShardState& shard : shards_) shard.fresh = false;
  return residuals;
}

void Consensus::leave_out_absent() {
  for (std::size_t p = 0; p < shards_.size(); ++p)
    if (!shards_[p].fresh) sum_.leave_out(static_cast<ShardId>(p));
}

void Consensus::minimise_z() {
  const double gamma = options_.gamma;
  const double weight = sum_.total_weight() + gamma;
  Vector z = (sum_.total().array() + gamma * z_->array()) / weight;
  regularizer_.prox(view(z), 1 / weight, view(z));
  round_to(options_.precision, z);
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
      known =
          moved.emplace(moved.end(), shard.z.get(), squared_distance(view(*z_), view(*shard.z)));
    primal += squared_distance(view(shard.x), view(*z_));
    dual += shard.rho * shard.rho * known->second;
    x_squared += shard.x_squared;
    y_squared += shard.rho * shard.rho * shard.u_squared;
    out.all_accepted &= shard.accepted;
  }
  out.primal = std::sqrt(primal);
  out.dual = std::sqrt(dual + options_.gamma * options_.gamma *
                                  squared_distance(view(*z_), view(*z_old_)));
  out.norm_x = std::sqrt(x_squared);
  out.norm_z = std::sqrt(static_cast<double>(shards())) * norm(view(*z_));
  out.blocks = shards();
  out.norm_y = std::sqrt(y_squared);
  return out;
}

void Consensus::adapt_rho(const Residuals& residuals) {
  // Only while nothing in the sums is older than the current rho: without this window, balancing
  // runs away under protocols that use old reports [math 2].
  const bool same_rho =
      std::all_of(shards_.begin(), shards_.end(),
                  [this](const ShardState& shard) { return shard.accepted && shard.rho == rho_; });
  if (!same_rho) return;
  const PenaltyPolicy& policy = options_.policy;
  if (residuals.primal > policy.mu * residuals.dual)
    rho_ *= policy.factor;
  else if (residuals.dual > policy.mu * residuals.primal)
    rho_ /= policy.factor;
}

void Consensus::persist(StateArchive& archive) {
  archive.value(rho_);
  archive.value(literal_primal_);
  archive.shared(z_);
  archive.shared(z_old_);
  for (ShardState& shard : shards_) {
    archive.shared(shard.omega);
    archive.value(shard.omega_of);
    archive.shared(shard.z);
    archive.vector(shard.x);
    archive.value(shard.rho);
    archive.value(shard.x_squared);
    archive.value(shard.u_squared);
    archive.value(shard.accepted);
  }
  sum_.persist(archive);
}

}  // namespace laggard
