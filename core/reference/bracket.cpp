#include "core/reference/bracket.hpp"

#include "core/reference/certificate.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace laggard::reference {
namespace {

constexpr int kMostAdvances = 50;  // at one time: enough unless rounding is all that is left

// D at w = 0: what the losses and h are at least.
double least_objective(const Problem& problem) {
  const Rows all{problem.data.get(), 0, problem.data->samples()};
  const Vector w = Vector::Zero(all.count()), y = Vector::Zero(problem.features());
  return -problem.loss->conjugate(view(w), all.labels()) - problem.regularizer->conjugate(view(y));
}

}  // namespace

Bracket::Bracket(const Problem& problem, int threads, std::function<bool()> interrupted)
    : smooth_(problem, threads, std::move(interrupted)), lower_(least_objective(problem)) {}

void Bracket::prepare() {
  try {
    if (column_norm_.size() == 0) column_norm_ = smooth_.column_norms();
  } catch (const Interrupted&) {
    // The run ends.
  }
}

Seen Bracket::tighten(const Vector& x, double enough, double width, std::int64_t most_passes) {
  Seen seen;
  try {
    Point point = smooth_.at(x);
    const double objective = seen.objective = point.objective();
    if (!std::isfinite(objective) || gap(objective) <= enough) return seen;
    smooth_.complete(point);
    seen.kkt = kkt(smooth_, point);
    const bool is_best = objective < upper_;
    look_at(point);
    if (is_best) start_ = std::move(point);
    const auto done = [&] {
      return gap(objective) <= enough || gap(upper_) <= width || passes() >= most_passes;
    };
    if (done()) return seen;
    if (!solver_) solver_.emplace(smooth_);
    if (start_) solver_->start(*std::exchange(start_, std::nullopt), 1);
    for (int i = 0; i < kMostAdvances && !done(); ++i) {
      solver_->advance();
      look_at(solver_->point());
    }
  } catch (const Interrupted&) {
    // The run ends.
  }
  return seen;
}

void Bracket::look_at(const Point& point) {
  if (column_norm_.size() == 0) column_norm_ = smooth_.column_norms();
  lower_ = std::max(lower_, lower_bound(smooth_, point, column_norm_));
  upper_ = std::min(upper_, point.objective());
}

}  // namespace laggard::reference
