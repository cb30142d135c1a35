#include "methods/admm/proximal_solve.hpp"

#include "core/io/error.hpp"
#include "methods/admm/admm_task.hpp"

#include <algorithm>
#include <utility>

namespace laggard {

ProximalSolve::ProximalSolve(const Problem& problem, const SolverOptions& options,
                             double relaxation, Precision precision, bool keeps)
    : problem_(problem),
      relaxation_(relaxation),
      precision_(precision),
      keeps_(keeps),
      solver_(make_solver(options, problem)) {
  for (ShardId p = 0; p < problem.shards; ++p) shards_.emplace_back(problem.shard(p), problem.loss);
}

Contribution ProximalSolve::compute(const Task& task, Workspace& scratch,
                                    const std::atomic<bool>& stop) const {
  const LoadedShard& shard = shards_[static_cast<std::size_t>(task.shard)];
  const Vector& z = *task.z;
  LAGGARD_ASSERT(z.size() == features(), "z of another length than d");
  const AdmmTask carried(task);
  const Vector u = carried.rescaled_dual();
  const double rho = carried.rho();
  const Vector* const w = carried.weight();
  // Where a feature does not occur in the shard the minimiser is the centre itself.
  Vector x = z - u;
  const auto support = shard.support();
  const std::size_t size = support.empty() ? static_cast<std::size_t>(z.size()) : support.size();
  const Span center = sized(scratch.of_method[0], size);
  SolveStats stats;
  if (support.empty()) {
    std::copy(x.begin(), x.end(), center.begin());
    const ConstSpan weight = w ? view(*w) : ConstSpan();
    stats = solver_->solve(shard, view(z), center, {rho, weight}, view(x), scratch, stop);
  } else {
    const Span start = sized(scratch.of_method[1], size), found = sized(scratch.of_method[2], size);
    const Span weight = sized(scratch.of_method[3], w ? size : 0);
    for (std::size_t i = 0; i < size; ++i) {
      center[i] = x[support[i]];
      start[i] = z[support[i]];
      if (w) weight[i] = (*w)[support[i]];
    }
    stats = solver_->solve(shard, start, center, {rho, weight}, found, scratch, stop);
    for (std::size_t i = 0; i < size; ++i) x[support[i]] = found[i];
  }
  round_to(precision_, x);
  Contribution out;
  out.vectors.push_back(std::move(x));
  out.passes = stats.passes;
  out.inner_iterations = stats.inner_iterations;
  out.dense_work = stats.dense_work;
  out.capped = stats.capped;
  out.gradient_norm = stats.gradient_norm;
  out.stopped = stats.stopped;
  return out;
}

std::vector<KeptOperand> ProximalSolve::keep(const Task& task,
                                             const Contribution& contribution) const {
  if (!keeps_) return {};
  const AdmmTask carried(task);
  Vector omega = carried.rescaled_dual();
  add_to_dual(relaxation_, contribution.vectors.front(), *task.z, omega);
  return {{carried.place(), std::move(omega)}};
}

std::int64_t ProximalSolve::nonzeros(const Task& task) const {
  return problem_.shard(task.shard).nonzeros();
}

}  // namespace laggard
