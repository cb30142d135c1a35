// The makers of the local solvers; for make_solver alone.
#pragma once

#include "core/solver/local_solver.hpp"

namespace laggard {

std::unique_ptr<const LocalSolver> make_newton_cg(const SolverOptions& options);
std::unique_ptr<const LocalSolver> make_fista(const SolverOptions& options);
std::unique_ptr<const LocalSolver> make_direct();

}  // namespace laggard
