// Inexact Newton steps by conjugate gradients on g(x) = f(x) + rho/2 norm(x - c)^2.
//
//   x = z;  m = A x
//   up to newton_steps times:
//     grad = A^T loss'(m) + rho (x - c);  done if norm(grad) <= eps_g, but not before inner_min
//     steps:
//       a solve that returned z untouched would make a run stall at the accuracy of eps_g
//     s: CG on (A^T D A + rho I) s = -grad, to cg_tolerance norm(grad); As is summed on the way
//     t: backtracking on g(x + t s), evaluated from the cached margins m + t As
//     x += t s;  m += t As
#include "core/solver/solvers.hpp"

#include "core/problem/kernel.hpp"

#include <cmath>

namespace laggard {
namespace {

constexpr double kArmijo = 1e-4;
constexpr double kSmallestStep = 1e-10;

class NewtonCg final : public LocalSolver {
 public:
  explicit NewtonCg(const SolverOptions& options) : options_(options) {}

  std::int64_t min_passes() const override { return 2; }

  SolveStats solve(const LoadedShard& shard, ConstSpan z, ConstSpan center, double rho, Span x,
                   Workspace& scratch, const std::atomic<bool>& stop) const override {
    Solve solve(shard, center, rho, x, scratch);
    solve.start(z);
    for (int step = 0; step < options_.newton_steps; ++step) {
      const double gradient_norm = solve.gradient();
      if (!std::isfinite(gradient_norm)) {
        solve.overflow();
        break;
      }
      const double enough = step < options_.inner_min ? 0 : options_.eps_g;
      if (!(gradient_norm > enough)) break;
      if (!solve.direction(gradient_norm, options_, stop)) {
        solve.stats.stopped = true;
        break;
      }
      if (!solve.line_search()) break;  // no decrease left at machine precision
    }
    return solve.stats;
  }

 private:
  // One solve: its margins, its gradient and its direction.
  struct Solve {
    Solve(const LoadedShard& shard_, ConstSpan center_, double rho_, Span x_, Workspace& w)
        : shard(shard_),
          rows(shard_.rows()),
          center(center_),
          rho(rho_),
          x(x_),
          margin(sized(w.sample[0], rows.count())),
          weight(sized(w.sample[1], rows.count())),
          step_margin(sized(w.sample[2], rows.count())),
          image(sized(w.sample[3], rows.count())),
          trial(sized(w.sample[4], rows.count())),
          grad(sized(w.feature[0], x.size())),
          s(sized(w.feature[1], x.size())),
          residual(sized(w.feature[2], x.size())),
          p(sized(w.feature[3], x.size())),
          hp(sized(w.feature[4], x.size())) {}

    void start(ConstSpan z) {
      std::copy(z.begin(), z.end(), x.begin());
      kernel::margins(rows, x, margin);
      ++stats.passes;
    }

    double gradient() {
      loss = shard.loss().derivative(margin, rows.labels(), weight);
      for (std::size_t j = 0; j < x.size(); ++j) grad[j] = rho * (x[j] - center[j]);
      kernel::add_transposed(rows, weight, grad);
      ++stats.passes;
      return norm(grad);
    }

    // Returns false if it was told to stop.
    bool direction(double gradient_norm, const SolverOptions& options,
                   const std::atomic<bool>& stop) {
      shard.loss().curvature(margin, rows.labels(), weight);
      std::fill(s.begin(), s.end(), 0.0);
      std::fill(step_margin.begin(), step_margin.end(), 0.0);
      for (std::size_t j = 0; j < x.size(); ++j) p[j] = residual[j] = -grad[j];
      double rr = gradient_norm * gradient_norm;
      const double enough = options.cg_tolerance * gradient_norm;
      for (int k = 0; k < options.cg_max && std::sqrt(rr) > enough; ++k) {
        if (stop.load(std::memory_order_relaxed)) return false;
        for (std::size_t j = 0; j < p.size(); ++j) hp[j] = rho * p[j];
        kernel::add_hessian_product(rows, weight, p, image, hp);
        stats.passes += 2;
        ++stats.inner_iterations;
        const double bend = dot(p, hp);
        if (!std::isfinite(bend)) {
          std::fill(s.begin(), s.end(), kNaN);  // the line search sees it
          break;
        }
        const double alpha = rr / bend;
        add_scaled(s, alpha, p);
        add_scaled(step_margin, alpha, image);
        add_scaled(residual, -alpha, hp);
        const double rr_new = squared_norm(residual);
        const double beta = rr_new / rr;
        for (std::size_t j = 0; j < p.size(); ++j) p[j] = residual[j] + beta * p[j];
        rr = rr_new;
      }
      ++stats.inner_iterations;
      return true;
    }

    // Moves x to the first of 1, 1/2, 1/4, ... that decreases g enough. Where the decrease is below
    // what doubles resolve, the slope decides instead (the approximate Wolfe condition of Hager and
    // Zhang 2005). Returns false if no step is acceptable.
    bool line_search() {
      const double slope = dot(grad, s);
      const double quadratic = rho * squared_norm(s);
      const double linear = linear_term();
      const double resolution = 1e-14 * (std::abs(loss) + 0.5 * rho * squared_distance(x, center));
      if (!std::isfinite(slope)) overflow();
      if (!(slope < 0)) return false;
      for (double t = 1; t > kSmallestStep; t /= 2) {
        for (std::size_t n = 0; n < trial.size(); ++n) trial[n] = margin[n] + t * step_margin[n];
        const double decrease = loss - shard.loss().derivative(trial, rows.labels(), image) -
                                t * (linear + 0.5 * t * quadratic);
        const bool armijo = decrease >= -kArmijo * t * slope;
        const bool flat =
            std::abs(decrease) <= resolution &&
            std::abs(dot(image, step_margin) + linear + t * quadratic) <= -0.9 * slope;
        if (!armijo && !flat) continue;
        add_scaled(x, t, s);
        std::copy(trial.begin(), trial.end(), margin.begin());
        return true;
      }
      return false;
    }

    // To stay at z would look like a solution; the run is to end as not_finite.
    void overflow() { std::fill(x.begin(), x.end(), kNaN); }

    // d/dt of rho/2 norm(x + t s - c)^2 at t = 0
    double linear_term() const {
      return rho *
             detail::lane_sum(x.size(), [&](std::size_t j) { return (x[j] - center[j]) * s[j]; });
    }

    const LoadedShard& shard;
    const Rows& rows;
    ConstSpan center;
    double rho;
    Span x;
    Span margin, weight, step_margin, image, trial;  // rows
    Span grad, s, residual, p, hp;                   // d
    double loss = 0;                                 // f(x)
    SolveStats stats;
  };

  SolverOptions options_;
};

}  // namespace

std::unique_ptr<const LocalSolver> make_newton_cg(const SolverOptions& options) {
  return std::make_unique<NewtonCg>(options);
}

}  // namespace laggard
