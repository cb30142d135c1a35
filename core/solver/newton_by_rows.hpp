// A local solver for shards with few rows.                                           [math 6]
#pragma once

#include "core/solver/small_shard.hpp"

namespace laggard {

// Newton steps as those of newton_cg, on a shard with no more rows than features: arguments and
// stats are those of LocalSolver::solve.                                             [math 6]
SolveStats newton_by_rows(const LoadedShard& shard, ConstSpan z, ConstSpan center,
                          const Penalty& penalty, Span x, Workspace& scratch,
                          const std::atomic<bool>& stop, const SolverOptions& options,
                          ShardMatrices& matrices);

}  // namespace laggard
