// Local solvers of argmin_x f_p(x) + rho/2 norm(x - center)_w^2                  [math 2.2, 6]
#pragma once

#include "core/io/option_spec.hpp"
#include "core/problem/problem.hpp"
#include "core/problem/vector_ops.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace laggard {

// How newton_cg solves the equations of a step: exactly where shards are small, else by CG.
enum class NewtonEquations { automatic, cg, cholesky };

struct SolverOptions {
  std::string name = "newton_cg";  // newton_cg | fista | direct
  double accuracy = 0;             // newton_cg: done at norm(grad g) <= accuracy rho norm(x - z);
                                   // 0: by the tolerances below instead
  int newton_steps = 1;            // newton_cg: at most so many Newton steps
  NewtonEquations equations = NewtonEquations::cg;  // newton_cg
  double cg_tolerance = 0.1;  // newton_cg: CG ends at this fraction of norm(grad g)
  int inner_min = 1;          // K_w: at least so many fista iterations, or Newton steps
  int inner_max = 1000;       // the cap on fista and CG iterations of a task
  double eps_g = 1e-2;        // stop at norm(grad g) <= eps_g
  double eps_f = 1e-12;       // fista: stop at this relative decrease of g
};

// --solver and what belongs to it, for methods that solve locally; and what such values come to.
std::vector<OptionSpec> solver_options();
SolverOptions solver_options(const OptionValues& values);
// Fills in the defaults that depend on other values. Throws Error, naming the option, for values
// that contradict each other or do not go with the loss.
void settle_solver_options(OptionValues& values, const Loss& loss);

struct SolveStats {
  std::int64_t passes = 0;            // sweeps over the shard's nonzeros (A x or A^T g)
  std::int64_t inner_iterations = 0;  // fista iterations; CG iterations and Newton steps
  std::int64_t dense_work = 0;        // beside the passes, see Contribution
  bool capped = false;                // ended by inner_max
  bool stopped = false;               // ended by the stop flag; x is not a solution
  double gradient_norm = 0;           // norm(grad g) at x, or an upper bound; 0: x is exact
};

// What a worker knows of one shard. Loads at first use; safe to share between threads.
class LoadedShard {
 public:
  LoadedShard(Rows rows, std::shared_ptr<const Loss> loss);

  // The shard's rows. Where fewer than half of the d features occur in them, their columns are
  // numbered within support(), and everything that a local solver sees is of that smaller size.
  const Rows& rows() const { return loaded().rows; }
  std::span<const std::uint32_t> support() const { return loaded().support; }  // rising; empty: all
  const Loss& loss() const { return *loss_; }

  // L_p: an upper bound, within a few percent, on the curvature of f_p.
  double lipschitz() const;
  // The largest singular value of the shard's rows, likewise.
  double matrix_norm() const;

 private:
  struct Loaded {
    Rows rows;
    std::vector<std::uint32_t> support;
    Dataset compact;  // what rows view where support is not empty
  };
  const Loaded& loaded() const;

  Rows source_;
  std::shared_ptr<const Loss> loss_;
  mutable std::once_flag loaded_once_, lipschitz_once_;
  mutable Loaded loaded_;
  mutable double lipschitz_ = 0;
};

// Scratch of one thread, so that a solve allocates nothing once warm.
struct Workspace {
  std::vector<double> sample[5];     // of the shard's rows
  std::vector<double> feature[5];    // of length d
  std::vector<double> of_method[4];  // of length d; what a solver is called with lives here
};

// rho/2 norm(x - c)_w^2, where norm(v)_w^2 = sum_j w_j v_j^2.
struct Penalty {
  Penalty(double rho_, ConstSpan weight_ = {}) : rho(rho_), weight(weight_) {}

  double at(std::size_t j) const { return weight.empty() ? rho : rho * weight[j]; }
  // norm(v)_w^2, and its dual, sum_j v_j^2 / w_j.
  double squared(ConstSpan v) const;
  double dual_squared(ConstSpan v) const;

  double rho;        // > 0
  ConstSpan weight;  // w > 0, one a feature; empty: all 1
};

// `scratch`, at least `size` long.
inline Span sized(std::vector<double>& scratch, std::size_t size) {
  if (scratch.size() < size) scratch.resize(size);
  return Span(scratch).first(size);
}

// A solve is a pure function of its arguments: it starts from z, never from an earlier solution,
// so the answer does not depend on who computes it.
class LocalSolver {
 public:
  virtual ~LocalSolver() = default;

  // Writes the solution to x. z, center (z - u'), x: d. Looks at `stop` between inner iterations.
  // Passes never number less than min_passes(). newton_cg alone
  // takes weights.
  virtual SolveStats solve(const LoadedShard& shard, ConstSpan z, ConstSpan center, Penalty penalty,
                           Span x, Workspace& scratch, const std::atomic<bool>& stop) const = 0;

  // The least that any task costs: how far ahead of a running task virtual time may go.
  virtual std::int64_t min_passes() const = 0;
};

// Throws Error for an unknown name, and for `direct` with a loss that is not quadratic or a problem
// where both d and the rows of a shard exceed kDirectLimit.
std::unique_ptr<const LocalSolver> make_solver(const SolverOptions& options,
                                               const Problem& problem);

inline constexpr int kDirectLimit = 5000;

}  // namespace laggard
