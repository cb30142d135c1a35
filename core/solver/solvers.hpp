// The makers of the local solvers; for make_solver alone.
#pragma once

#include "core/solver/local_solver.hpp"

namespace laggard {

std::unique_ptr<const LocalSolver> make_newton_cg(const SolverOptions& options);
std::unique_ptr<const LocalSolver> make_fista(const SolverOptions& options);
std::unique_ptr<const LocalSolver> make_direct();

// `scratch`, at least `size` long.
inline Span sized(std::vector<double>& scratch, std::size_t size) {
  if (scratch.size() < size) scratch.resize(size);
  return Span(scratch).first(size);
}

}  // namespace laggard
