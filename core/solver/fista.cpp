// FISTA with backtracking (Beck and Teboulle 2009) on g(x) = f(x) + rho/2 norm(x - c)^2, as the
// paper's workers run it.
//
//   y = x = z;  m_y = m_x = A x;  L = L_p + rho
//   repeat:
//     grad = A^T loss'(m_y) + rho (y - c);  done if norm(grad) <= eps_g
//     x+ = y - grad / L;  m+ = A x+;  double L until g(x+) <= g(y) - norm(grad)^2 / (2 L)
//     done if the decrease of g(x) is relatively below eps_f
//     y = x+ + beta (x+ - x);  m_y likewise, by linearity;  L shrinks a little
//
// L_p bounds the curvature at the worst point; letting L shrink finds the curvature that is there
// (Scheinberg, Goldfarb and Bai 2014). The momentum starts anew when it points uphill (O'Donoghue
// and Candes 2015). Together they save two thirds of the passes on the paper's instance.
#include "core/solver/solvers.hpp"

#include "core/io/error.hpp"
#include "core/problem/kernel.hpp"

#include <algorithm>
#include <cmath>

namespace laggard {
namespace {

// Differences of g below this, relative to g, are round-off and no reason to shorten the step.
constexpr double kSlack = 1e-14;
constexpr int kMostDoublings = 60;
constexpr double kShrink = 0.8;

class Fista final : public LocalSolver {
 public:
  explicit Fista(const SolverOptions& options) : options_(options) {}

  std::int64_t min_passes() const override { return 2; }

  SolveStats solve(const LoadedShard& shard, ConstSpan z, ConstSpan center, Penalty penalty, Span x,
                   Workspace& w, const std::atomic<bool>& stop) const override {
    LAGGARD_ASSERT(penalty.weight.empty(), "fista takes no weights");
    const double rho = penalty.rho;
    const Rows& rows = shard.rows();
    const auto n = static_cast<std::size_t>(rows.count());
    const std::size_t d = x.size();
    const Span x_margin = sized(w.sample[0], n), y_margin = sized(w.sample[1], n);
    const Span next_margin = sized(w.sample[2], n), weight = sized(w.sample[3], n);
    const Span y = sized(w.feature[0], d), grad = sized(w.feature[1], d),
               next = sized(w.feature[2], d);
    SolveStats stats;

    std::copy(z.begin(), z.end(), x.begin());
    std::copy(z.begin(), z.end(), y.begin());
    kernel::margins(rows, x, x_margin);
    ++stats.passes;
    std::copy(x_margin.begin(), x_margin.end(), y_margin.begin());
    double lipschitz = shard.lipschitz() + rho;
    double value = kInfinity;  // g(x); not known at the start
    double momentum = 1;
    for (int k = 0;; ++k) {
      const double y_value = shard.loss().derivative(y_margin, rows.labels(), weight) +
                             0.5 * rho * squared_distance(y, center);
      for (std::size_t j = 0; j < d; ++j) grad[j] = rho * (y[j] - center[j]);
      kernel::add_transposed(rows, weight, grad);
      ++stats.passes;
      const double grad_squared = squared_norm(grad);
      if (!std::isfinite(grad_squared) || !std::isfinite(lipschitz)) {
        // To stay at z would look like a solution; the run is to end as not_finite.
        std::fill(x.begin(), x.end(), kNaN);
        break;
      }
      if (k >= options_.inner_min && std::sqrt(grad_squared) <= options_.eps_g) {
        std::copy(y.begin(), y.end(), x.begin());
        stats.gradient_norm = std::sqrt(grad_squared);
        break;
      }
      // A step to y - grad / L at most doubles the norm, and x is one, or behind one.
      stats.gradient_norm = 2 * std::sqrt(grad_squared);
      stats.capped = k >= options_.inner_max;
      stats.stopped = stop.load(std::memory_order_relaxed);
      if (stats.capped || stats.stopped) break;

      double next_value = 0;
      for (int doubling = 0; doubling < kMostDoublings; ++doubling, lipschitz *= 2) {
        for (std::size_t j = 0; j < d; ++j) next[j] = y[j] - grad[j] / lipschitz;
        kernel::margins(rows, next, next_margin);
        ++stats.passes;
        next_value = shard.loss().value(next_margin, rows.labels()) +
                     0.5 * rho * squared_distance(next, center);
        if (next_value <= y_value - grad_squared / (2 * lipschitz) + kSlack * std::abs(y_value))
          break;
      }
      ++stats.inner_iterations;

      const double uphill =
          detail::lane_sum(d, [&](std::size_t j) { return grad[j] * (next[j] - x[j]); });
      if (uphill > 0) momentum = 1;
      const double momentum_next = (1 + std::sqrt(1 + 4 * momentum * momentum)) / 2;
      const double beta = (momentum - 1) / momentum_next;
      momentum = momentum_next;
      lipschitz = std::max(rho, kShrink * lipschitz);
      extrapolate(next, x, beta, y);
      extrapolate(next_margin, x_margin, beta, y_margin);
      const double decrease = value - next_value;
      value = next_value;
      const bool flat = decrease >= 0 && decrease <= options_.eps_f * std::abs(value);
      if (k + 1 >= options_.inner_min && flat) break;
    }
    return stats;
  }

 private:
  // y = next + beta (next - x);  x = next
  static void extrapolate(ConstSpan next, Span x, double beta, Span y) {
    for (std::size_t j = 0; j < x.size(); ++j) {
      y[j] = next[j] + beta * (next[j] - x[j]);
      x[j] = next[j];
    }
  }

  SolverOptions options_;
};

}  // namespace

std::unique_ptr<const LocalSolver> make_fista(const SolverOptions& options) {
  return std::make_unique<Fista>(options);
}

}  // namespace laggard
