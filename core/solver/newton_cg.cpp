// Inexact Newton steps by conjugate gradients on g(x) = f(x) + rho/2 norm(x - c)_w^2.
//
//   x = z;  m = A x;  grad = A^T loss'(m) + rho w (x - c)
//   up to newton_steps times, until norm(grad) is small enough:
//     s: CG on (A^T D A + rho diag(w)) s = -grad, preconditioned by w; As is summed on the way
//        (small shards: by a Cholesky factor; with few rows see newton_by_rows.cpp)
//     t: backtracking on g(x + t s), evaluated from the cached margins m + t As
//     x += t s;  m += t As;  grad anew
//
// Small enough is, with --local-accuracy a, norm(grad) <= a rho norm(x - z): as in the relative
// error criterion of Eckstein and Yao (2017) it tightens as the run closes in, so that a local
// error never keeps it from its end. CG ends once its own residual is that small. Otherwise, by
// fixed tolerances: norm(grad) <= eps_g, but not before inner_min steps, for a solve that returned
// z untouched would make a run stall at the accuracy of eps_g; CG ends at cg_tolerance norm(grad).
// Where there are weights, norms are those of w: norm(x - z)_w, and of gradients its dual.
#include "core/solver/solvers.hpp"

#include "core/problem/kernel.hpp"
#include "core/solver/line_search.hpp"
#include "core/solver/newton_by_rows.hpp"
#include "core/solver/small_shard.hpp"

#include <cmath>

namespace laggard {
namespace {

constexpr double kOfCg = 0.5;     // of the local accuracy: CG's share of it
constexpr double kFurther = 0.1;  // of the gradient, in a step beyond the local accuracy

class NewtonCg final : public LocalSolver {
 public:
  explicit NewtonCg(const SolverOptions& options) : options_(options) {}

  std::int64_t min_passes() const override { return 2; }

  SolveStats solve(const LoadedShard& shard, ConstSpan z, ConstSpan center, Penalty penalty, Span x,
                   Workspace& scratch, const std::atomic<bool>& stop) const override {
    const Equations equations = equations_of(shard, options_.equations);
    if (equations == Equations::of_rows)
      return newton_by_rows(shard, z, center, penalty, x, scratch, stop, options_, matrices_);
    Solve solve(shard, z, center, penalty, x, scratch, options_);
    solve.start();
    for (int step = 0; step < options_.newton_steps; ++step) {
      const double gradient_norm = solve.gradient();
      if (!std::isfinite(gradient_norm)) {
        solve.overflow();
        break;
      }
      if (!(gradient_norm > solve.enough(step))) break;
      const bool found = equations == Equations::of_features
                             ? solve.exact_direction(gradient_norm, matrices_, stop)
                             : solve.direction(gradient_norm, stop);
      if (!found) {
        solve.stats.stopped = true;
        break;
      }
      if (!solve.line_search()) break;  // no decrease left at machine precision
      if (solve.surely_enough(step + 1)) break;
    }
    if (!solve.stats.stopped) solve.finish();
    return solve.stats;
  }

 private:
  // One solve: its margins, its gradient and its direction.
  struct Solve {
    Solve(const LoadedShard& shard_, ConstSpan z_, ConstSpan center_, const Penalty& penalty_,
          Span x_, Workspace& w, const SolverOptions& options_)
        : shard(shard_),
          rows(shard_.rows()),
          options(options_),
          z(z_),
          center(center_),
          penalty(penalty_),
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

    void start() {
      std::copy(z.begin(), z.end(), x.begin());
      kernel::margins(rows, x, margin);
      ++stats.passes;
    }

    double gradient() {
      loss = shard.loss().derivative(margin, rows.labels(), weight);
      with_widest_vectors([n = x.size(), grad = grad.data(), x = x.data(), center = center.data(),
                           rho = penalty.rho, w = penalty.weight.data(),
                           weighted = !penalty.weight.empty()]() LAGGARD_INLINE {
        if (weighted) {
          for (std::size_t j = 0; j < n; ++j) grad[j] = (rho * w[j]) * (x[j] - center[j]);
        } else {
          for (std::size_t j = 0; j < n; ++j) grad[j] = rho * (x[j] - center[j]);
        }
      });
      kernel::add_transposed(rows, weight, grad);
      ++stats.passes;
      known = true;
      return std::sqrt(penalty.dual_squared(grad));
    }

    // The norm of the gradient that ends the solve after `steps` Newton steps.
    double enough(int steps) const {
      if (steps < options.inner_min) return 0;
      if (options.accuracy == 0) return options.eps_g;
      return options.accuracy * penalty.rho * std::sqrt(moved());
    }

    // norm(x - z)_w^2
    double moved() const {
      if (penalty.weight.empty()) return squared_distance(x, z);
      return detail::lane_sum(x.size(), [&](std::size_t j) {
        return penalty.weight[j] * ((x[j] - z[j]) * (x[j] - z[j]));
      });
    }

    // Returns false if it was told to stop.
    bool direction(double gradient_norm, const std::atomic<bool>& stop) {
      shard.loss().curvature(margin, rows.labels(), weight);
      std::fill(s.begin(), s.end(), 0.0);
      std::fill(step_margin.begin(), step_margin.end(), 0.0);
      for (std::size_t j = 0; j < x.size(); ++j) residual[j] = -grad[j];
      along([](double steepest, double) LAGGARD_INLINE { return steepest; });
      double rr = gradient_norm * gradient_norm;
      const double before = moved();
      const double target = options.accuracy * penalty.rho;
      // A step that inner_min asks for beyond the local accuracy goes by fractions too.
      const bool by_fraction = options.accuracy == 0 || gradient_norm <= target * std::sqrt(before);
      const double fraction = options.accuracy == 0 ? options.cg_tolerance : kFurther;
      const auto enough_now = [&] {
        return by_fraction ? fraction * gradient_norm
                           : kOfCg * target * std::sqrt(before + penalty.squared(s));
      };
      while (std::sqrt(rr) > enough_now()) {
        if (stop.load(std::memory_order_relaxed)) return false;
        stats.capped = stats.inner_iterations >= options.inner_max;
        if (stats.capped) break;
        kernel::add_hessian_product(rows, weight, p, image, hp);
        stats.passes += 2;
        ++stats.inner_iterations;
        const double curved = dot(p, hp);
        if (!std::isfinite(curved)) {
          std::fill(s.begin(), s.end(), kNaN);  // the line search sees it
          break;
        }
        const double alpha = rr / curved;
        add_scaled(s, alpha, p);
        add_scaled(step_margin, alpha, image);
        add_scaled(residual, -alpha, hp);
        const double rr_new = penalty.dual_squared(residual);
        const double beta = rr_new / rr;
        along([beta](double steepest, double before_it)
                  LAGGARD_INLINE { return steepest + beta * before_it; });
        rr = rr_new;
      }
      ++stats.inner_iterations;
      return true;
    }

    // The same, of the equations solved exactly.
    bool exact_direction(double gradient_norm, ShardMatrices& matrices,
                         const std::atomic<bool>& stop) {
      if (stop.load(std::memory_order_relaxed)) return false;
      shard.loss().curvature(margin, rows.labels(), weight);
      std::shared_ptr<const Cholesky> factor;
      if (shard.loss().is_quadratic()) {
        factor = matrices.factor(shard, penalty, Equations::of_features);
      } else {
        factor = std::make_shared<const Cholesky>(factor_of_features(rows, weight, penalty));
        ++stats.passes;
      }
      // A penalty that is lost in the rounding of the rest: CG copes with that.
      if (!factor->positive_definite()) return direction(gradient_norm, stop);
      for (std::size_t j = 0; j < x.size(); ++j) s[j] = -grad[j];
      factor->solve(s);
      kernel::margins(rows, s, step_margin);
      ++stats.passes;
      ++stats.inner_iterations;
      stats.dense_work += dense_work(shard, Equations::of_features);
      std::fill(residual.begin(), residual.end(), 0.0);
      return true;
    }

    // p <- next(preconditioned residual, p), and of hp the part that is the penalty's.
    template <class Next>
    void along(const Next& next) {
      with_widest_vectors([next, n = p.size(), p = p.data(), hp = hp.data(), r = residual.data(),
                           rho = penalty.rho, w = penalty.weight.data(),
                           weighted = !penalty.weight.empty()]() LAGGARD_INLINE {
        if (weighted) {
          for (std::size_t j = 0; j < n; ++j) {
            p[j] = next(r[j] / w[j], p[j]);
            hp[j] = (rho * w[j]) * p[j];
          }
        } else {
          for (std::size_t j = 0; j < n; ++j) {
            p[j] = next(r[j], p[j]);
            hp[j] = rho * p[j];
          }
        }
      });
    }

    // Moves x to the first of 1, 1/2, 1/4, ... that decreases g enough. Where the decrease is below
    // what doubles resolve, the slope decides instead (the approximate Wolfe condition of Hager and
    // Zhang 2005). Returns false if no step is acceptable.
    bool line_search() {
      const double slope = dot(grad, s);
      const double quadratic = penalty.rho * penalty.squared(s);
      const double linear = linear_term();
      const double resolution = 1e-14 * (std::abs(loss) + 0.5 * from_center());
      if (!std::isfinite(slope)) overflow();
      if (!(slope < 0)) return false;
      const double t = acceptable_step(shard.loss(), rows.labels(), loss, margin, step_margin,
                                       {slope, linear, quadratic, resolution}, trial, image);
      if (t == 0) return false;
      add_scaled(x, t, s);
      leave(t);
      return true;
    }

    // To stay at z would look like a solution; the run is to end as not_finite.
    void overflow() { std::fill(x.begin(), x.end(), kNaN); }

    // To the trial margins, which lie t s ahead; `image` holds loss' there. What is then known of
    // the gradient is a bound: `residual` is what it is in the quadratic model that CG worked on,
    // and `bend` what the loss departs from that model, sample by sample.
    void leave(double t) {
      for (std::size_t j = 0; j < x.size(); ++j) residual[j] = t * residual[j] - (1 - t) * grad[j];
      bend = 0;
      if (!shard.loss().is_quadratic()) {
        for (std::size_t n = 0; n < trial.size(); ++n) image[n] -= t * weight[n] * step_margin[n];
        shard.loss().derivative(margin, rows.labels(), weight);
        bend = std::sqrt(squared_distance(image, weight));
      }
      known = false;
      std::copy(trial.begin(), trial.end(), margin.begin());
    }

    // Whether the gradient is small enough for sure, without a sweep to see it.
    bool surely_enough(int steps) const {
      return options.accuracy > 0 && bend == 0 &&
             std::sqrt(penalty.dual_squared(residual)) <= enough(steps);
    }

    // norm(grad g) where the solve ended.                                             [math 2.6]
    void finish() {
      stats.gradient_norm =
          known ? norm(grad) : norm(residual) + (bend == 0 ? 0 : shard.matrix_norm() * bend);
    }

    // d/dt of rho/2 norm(x + t s - c)_w^2 at t = 0
    double linear_term() const {
      const auto term = [&](std::size_t j) { return (x[j] - center[j]) * s[j]; };
      if (penalty.weight.empty()) return penalty.rho * detail::lane_sum(x.size(), term);
      return penalty.rho *
             detail::lane_sum(x.size(), [&](std::size_t j) { return penalty.weight[j] * term(j); });
    }

    // rho norm(x - c)_w^2
    double from_center() const {
      if (penalty.weight.empty()) return penalty.rho * squared_distance(x, center);
      return penalty.rho * detail::lane_sum(x.size(), [&](std::size_t j) {
               return penalty.weight[j] * ((x[j] - center[j]) * (x[j] - center[j]));
             });
    }

    const LoadedShard& shard;
    const Rows& rows;
    const SolverOptions& options;
    ConstSpan z, center;
    Penalty penalty;
    Span x;
    Span margin, weight, step_margin, image, trial;  // rows
    Span grad, s, residual, p, hp;                   // d
    double loss = 0;                                 // f(x)
    bool known = false;                              // grad is that of x
    double bend = 0;  // else: loss' at x and at what CG took for it, how far apart they are
    SolveStats stats;
  };

  SolverOptions options_;
  mutable ShardMatrices matrices_;
};

}  // namespace

std::unique_ptr<const LocalSolver> make_newton_cg(const SolverOptions& options) {
  return std::make_unique<NewtonCg>(options);
}

}  // namespace laggard
