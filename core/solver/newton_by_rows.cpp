// Newton steps on g(x) = f(x) + rho/2 norm(x - c)_w^2 in the space of a shard's rows.
//
// With W = diag(w) and K = A W^-1 A^T, of order rows, all that is met is some
//
//     x = c + a (z - c) - W^-1 A^T eta / rho,    m = A x = A c + a A (z - c) - K eta / rho
//
// from a = 1, eta = 0, which is z. A whole step comes to a = 0 and to the eta for which
//
//     eta = loss'(m) + D (m_new - m),    m_new = A c - K eta / rho
//
// which with S = D^(1/2) and eta = loss' + S v is (I + S K S / rho) v = S (A c - K loss'/rho - m).
// So a solve takes three sweeps, however many steps it makes: A z, A c and A^T eta.
#include "core/solver/newton_by_rows.hpp"

#include "core/problem/kernel.hpp"
#include "core/solver/line_search.hpp"

#include <algorithm>
#include <cmath>

namespace laggard {
namespace {

class Solve {
 public:
  Solve(const LoadedShard& shard, ConstSpan z, ConstSpan center, const Penalty& penalty, Span x,
        Workspace& scratch, const SolverOptions& options, ShardMatrices& matrices)
      : shard_(shard),
        rows_(shard.rows()),
        options_(options),
        matrices_(matrices),
        gram_(matrices.gram(shard, penalty.weight)),
        z_(z),
        center_(center),
        penalty_(penalty),
        x_(x),
        n_(static_cast<std::size_t>(rows_.count())),
        room_(sized(scratch.sample[0], kArrays * n_)) {}

  SolveStats run(const std::atomic<bool>& stop) {
    start();
    double gradient_norm = gradient();
    for (int step = 0; step < options_.newton_steps; ++step) {
      if (!std::isfinite(gradient_norm)) break;
      if (!(gradient_norm > enough(step))) break;
      if (stop.load(std::memory_order_relaxed)) {
        stats_.stopped = true;
        return stats_;
      }
      direction();
      if (!line_search()) {  // no decrease left at machine precision, or no direction
        if (!std::isfinite(squared_norm(step_))) gradient_norm = kNaN;
        break;
      }
      gradient_norm = gradient();
    }
    finish(gradient_norm);
    return stats_;
  }

 private:
  // A point or a direction: a, eta and K eta.
  struct Place {
    double a;
    ConstSpan eta, image;
  };

  void start() {
    kernel::margins(rows_, z_, margin_);
    kernel::margins(rows_, center_, of_center_);
    stats_.passes = 2;
    for (std::size_t i = 0; i < n_; ++i) apart_[i] = margin_[i] - of_center_[i];
    std::fill(eta_.begin(), eta_.end(), 0.0);
    std::fill(image_.begin(), image_.end(), 0.0);
    from_center_ = detail::lane_sum(x_.size(), [&](std::size_t j) {
      const double difference = z_[j] - center_[j];
      return penalty_.at(j) * (difference * difference);
    });
  }

  // rho <p, q>_w, for p and q less c.
  double product(const Place& p, const Place& q) const {
    return (p.a * q.a * from_center_ - (p.a * dot(q.eta, apart_) + q.a * dot(p.eta, apart_))) +
           dot(p.eta, q.image) / penalty_.rho;
  }

  Place here() const { return {a_, eta_, image_}; }

  void times_gram(ConstSpan in, Span out) const {
    for (std::size_t i = 0; i < n_; ++i) out[i] = dot({gram_->data() + i * n_, n_}, in);
  }

  // The norm, dual to that of w, of A^T (loss' - eta) + a rho W (z - c).
  double gradient() {
    loss_ = shard_.loss().derivative(margin_, rows_.labels(), slope_);
    for (std::size_t i = 0; i < n_; ++i) change_[i] = slope_[i] - eta_[i];
    times_gram(change_, trial_);
    const double square =
        dot(change_, trial_) + penalty_.rho * a_ * (2 * dot(change_, apart_) + a_ * from_center_);
    return std::sqrt(std::max(square, 0.0));
  }

  double enough(int steps) const {
    if (steps < options_.inner_min) return 0;
    if (options_.accuracy == 0) return options_.eps_g;
    const Place moved{a_ - 1, eta_, image_};
    return options_.accuracy * std::sqrt(std::max(penalty_.rho * product(moved, moved), 0.0));
  }

  void direction() {
    times_gram(slope_, change_image_);
    if (shard_.loss().is_quadratic()) {
      for (std::size_t i = 0; i < n_; ++i)
        change_[i] = (of_center_[i] - margin_[i]) * penalty_.rho - change_image_[i];
      matrices_.factor(shard_, penalty_, Equations::of_rows)->solve(change_);
      for (std::size_t i = 0; i < n_; ++i) change_[i] += slope_[i] - eta_[i];
    } else {
      shard_.loss().curvature(margin_, rows_.labels(), root_);
      for (double& entry : root_) entry = std::sqrt(entry);
      for (std::size_t i = 0; i < n_; ++i)
        change_[i] = root_[i] * ((of_center_[i] - change_image_[i] / penalty_.rho) - margin_[i]);
      system().solve(change_);
      for (std::size_t i = 0; i < n_; ++i)
        change_[i] = root_[i] * change_[i] + (slope_[i] - eta_[i]);
    }
    times_gram(change_, change_image_);
    for (std::size_t i = 0; i < n_; ++i)
      step_[i] = -a_ * apart_[i] - change_image_[i] / penalty_.rho;
    ++stats_.inner_iterations;
    stats_.dense_work += dense_work(shard_, Equations::of_rows);
  }

  // I + S K S / rho
  Cholesky system() const {
    Eigen::MatrixXd out = *gram_;
    for (std::size_t j = 0; j < n_; ++j) {
      double* const column = out.data() + j * n_;
      const double scale = root_[j] / penalty_.rho;
      for (std::size_t i = j; i < n_; ++i) column[i] *= scale * root_[i];
      column[j] += 1;
    }
    return Cholesky(std::move(out));
  }

  bool line_search() {
    const Place direction{-a_, change_, change_image_};
    const double linear = product(here(), direction), quadratic = product(direction, direction);
    const double slope = dot(slope_, step_) + linear;
    const double resolution = 1e-14 * (std::abs(loss_) + 0.5 * product(here(), here()));
    if (!(slope < 0)) return false;
    const double t = acceptable_step(shard_.loss(), rows_.labels(), loss_, margin_, step_,
                                     {slope, linear, quadratic, resolution}, trial_, slope_);
    if (t == 0) return false;
    a_ *= 1 - t;
    add_scaled(eta_, t, change_);
    add_scaled(image_, t, change_image_);
    std::copy(trial_.begin(), trial_.end(), margin_.begin());
    return true;
  }

  void finish(double gradient_norm) {
    std::fill(x_.begin(), x_.end(), 0.0);
    kernel::add_transposed(rows_, eta_, x_);
    ++stats_.passes;
    double heaviest = penalty_.weight.empty() ? 1 : 0;
    for (std::size_t j = 0; j < x_.size(); ++j) {
      x_[j] = (a_ * z_[j] + (1 - a_) * center_[j]) - x_[j] / penalty_.at(j);
      if (!penalty_.weight.empty()) heaviest = std::max(heaviest, penalty_.weight[j]);
    }
    stats_.gradient_norm = std::sqrt(heaviest) * gradient_norm;  // at least the norm without w
    if (!std::isfinite(gradient_norm)) std::fill(x_.begin(), x_.end(), kNaN);
  }

  Span array(std::size_t i) const { return room_.subspan(i * n_, n_); }

  const LoadedShard& shard_;
  const Rows& rows_;
  const SolverOptions& options_;
  ShardMatrices& matrices_;
  std::shared_ptr<const Eigen::MatrixXd> gram_;  // K
  ConstSpan z_, center_;
  Penalty penalty_;
  Span x_;
  std::size_t n_;
  static constexpr std::size_t kArrays = 11;
  Span room_;
  Span margin_ = array(0), of_center_ = array(1), apart_ = array(2);  // A x, A c, A (z - c)
  Span eta_ = array(3), image_ = array(4);                            // image: K eta
  Span slope_ = array(5), root_ = array(6);                           // loss', S
  Span change_ = array(7), change_image_ = array(8);                  // of eta, in a whole step
  Span step_ = array(9), trial_ = array(10);                          // of margins
  double a_ = 1, from_center_ = 0, loss_ = 0;  // from_center: rho norm(z - c)_w^2
  SolveStats stats_;
};

}  // namespace

SolveStats newton_by_rows(const LoadedShard& shard, ConstSpan z, ConstSpan center,
                          const Penalty& penalty, Span x, Workspace& scratch,
                          const std::atomic<bool>& stop, const SolverOptions& options,
                          ShardMatrices& matrices) {
  return Solve(shard, z, center, penalty, x, scratch, options, matrices).run(stop);
}

}  // namespace laggard
