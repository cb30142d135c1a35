#include "core/method/worker_half.hpp"

#include "core/solver/solvers.hpp"

#include <algorithm>

namespace laggard {

ProximalSolve::ProximalSolve(const Problem& problem, const SolverOptions& options,
                             Precision precision)
    : problem_(problem), precision_(precision), solver_(make_solver(options, problem)) {
  for (ShardId p = 0; p < problem.shards; ++p) shards_.emplace_back(problem.shard(p), problem.loss);
}

Contribution ProximalSolve::compute(const Task& task, Workspace& scratch,
                                    const std::atomic<bool>& stop) const {
  const LoadedShard& shard = shards_[static_cast<std::size_t>(task.shard)];
  const Vector& z = *task.z;
  const Vector& omega = *task.omega;
  Contribution out;
  out.u = task.q * (omega.array() - z.array());
  // Where a feature does not occur in the shard the minimiser is the centre itself.
  out.x = z - out.u;
  const auto support = shard.support();
  const std::size_t size = support.empty() ? static_cast<std::size_t>(z.size()) : support.size();
  const Span center = sized(scratch.feature[5], size);
  SolveStats stats;
  if (support.empty()) {
    std::copy(out.x.begin(), out.x.end(), center.begin());
    stats = solver_->solve(shard, view(z), center, task.rho, view(out.x), scratch, stop);
  } else {
    const Span start = sized(scratch.feature[6], size), x = sized(scratch.feature[7], size);
    for (std::size_t i = 0; i < size; ++i) {
      center[i] = out.x[support[i]];
      start[i] = z[support[i]];
    }
    stats = solver_->solve(shard, start, center, task.rho, x, scratch, stop);
    for (std::size_t i = 0; i < size; ++i) out.x[support[i]] = x[i];
  }
  round_to(precision_, out.x);
  out.passes = stats.passes;
  out.inner_iterations = stats.inner_iterations;
  out.capped = stats.capped;
  out.stopped = stats.stopped;
  return out;
}

std::int64_t ProximalSolve::nonzeros(const Task& task) const {
  return problem_.shard(task.shard).nonzeros();
}

std::int64_t load_bytes(const Rows& rows) {
  constexpr std::int64_t kPerNonzero = sizeof(double) + sizeof(std::uint32_t);
  constexpr std::int64_t kPerRow = sizeof(double) + sizeof(std::int64_t);
  return rows.nonzeros() * kPerNonzero + rows.count() * kPerRow;
}

}  // namespace laggard
