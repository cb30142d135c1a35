// From prox_h(0) until certified, and phi does not fall any more: by the solver, and where that
// finds no certificate by proximal points from where it ended.
#include "core/io/error.hpp"
#include "core/reference/certificate.hpp"
#include "core/reference/proximal_point.hpp"
#include "core/reference/reference.hpp"
#include "core/reference/solver.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <utility>

namespace laggard {
namespace {

using namespace reference;

constexpr int kFirstSteps = 30;  // of proximal gradient
constexpr int kMaxRounds = 1000;
constexpr int kMaxProximalPoints = 60;
constexpr int kMaxPolish = 10;  // rounds beyond the certificate
constexpr std::int64_t kMaxPasses = 100'000;
constexpr double kSettled = 1e-13;  // relative fall of phi in a round
// Where phi has not fallen for so many rounds doubles give no more, and such a gap has to do.
constexpr int kStandstill = 30;
constexpr double kGapAtStandstill = 1e-10;

// Whether phi, where its gradient all but vanishes, is relatively still far from its infimum: twice
// as far out it is less than half, yet not zero. A minimiser would not allow that.
bool falls_along(SmoothPart& smooth, const Point& point) {
  const double farther = smooth.at(2 * point.x).objective();
  return farther > 0 && farther < 0.5 * point.objective();
}

[[noreturn]] void fail(const std::string& what, double kkt, std::int64_t passes) {
  throw Error(fmt::format(
      "--reference: no optimum found, {} after {} passes; kkt {:.3g} reached, expected {:.0e}; the "
      "objective may have no minimiser",
      what, passes, kkt, kReferenceKkt));
}

class CertifiedSolve {
 public:
  CertifiedSolve(const Problem& problem, int threads, const std::function<bool()>& interrupted)
      : smooth_(problem, threads, interrupted), solver_(smooth_) {
    Vector start = Vector::Zero(problem.features());
    problem.regularizer->prox(view(start), 1.0, view(start));
    solver_.start(smooth_.at(std::move(start)), kFirstSteps);
  }

  Reference solve(const OnReferenceProgress& progress) {
    for (int round = 0; round < kMaxRounds && smooth_.passes() < kMaxPasses; ++round) {
      solver_.advance();
      if (finished(solver_.point(), progress)) return result();
    }
    if (best_) return result();
    if (falls_along(smooth_, solver_.point())) {
      fail("as it keeps falling", kkt_, smooth_.passes());
    }
    ProximalPoint proximal(smooth_, solver_.point());
    for (int round = 0; round < kMaxProximalPoints && !proximal.is_spent(); ++round) {
      proximal.advance();
      if (finished(proximal.point(), progress)) return result();
    }
    if (best_) return result();
    fail("no convergence", kkt_, smooth_.passes());
  }

 private:
  // Notes a certified point. True once going on would gain nothing: a certificate bounds the error
  // of phi only up to the distance to x*, which is large where phi is flat.
  bool finished(const Point& point, const OnReferenceProgress& progress) {
    const double fall = std::exchange(objective_, point.objective()) - point.objective();
    kkt_ = kkt(smooth_, point);
    gap_ = relative_duality_gap(smooth_, point);
    if (progress) progress({smooth_.passes(), objective_, kkt_, gap_});
    if (!std::isfinite(kkt_)) fail("not finite", kkt_, smooth_.passes());
    const bool falls = fall > kSettled * std::abs(objective_);
    settled_ = falls ? 0 : settled_ + 1;
    const bool stands_still = settled_ >= kStandstill && gap_ <= kGapAtStandstill;
    if (kkt_ > kReferenceKkt && !(gap_ <= kReferenceDualityGap) && !stands_still)
      return best_.has_value();
    best_ = Reference{objective_, kkt_, gap_, false, point.x};
    const bool converged = !falls && kkt_ <= kReferenceKkt;
    return converged || stands_still || ++polished_ > kMaxPolish;
  }

  Reference result() {
    if (falls_along(smooth_, smooth_.at(best_->x))) {
      fail("as it keeps falling", best_->kkt, smooth_.passes());
    }
    return std::move(*best_);
  }

  SmoothPart smooth_;
  Solver solver_;
  double objective_ = kInfinity;  // at the newest point, like the next two
  double kkt_ = kNaN;
  double gap_ = kNaN;
  std::optional<Reference> best_;  // the last certified point
  int polished_ = 0;
  int settled_ = 0;  // rounds in which phi has not fallen
};

}  // namespace

Reference solve_reference(const Problem& problem, int threads,
                          const std::function<bool()>& interrupted,
                          const OnReferenceProgress& progress) {
  Reference found = CertifiedSolve(problem, threads, interrupted).solve(progress);
  // As whoever measures gaps computes it, so that the gap at x itself is exactly 0.
  found.objective = objective(problem, view(std::as_const(found.x)), threads);
  return found;
}

}  // namespace laggard
