// Between which bounds phi* lies, as far as it has been asked for.
#pragma once

#include "core/reference/solver.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>

namespace laggard::reference {

// phi and kkt of a point, the bits that objective() and kkt_residual() give; NaN: not known.
struct Seen {
  double objective = kNaN;
  double kkt = kNaN;
};

// Bounds never get worse. What they come to does not depend on `threads`.
class Bracket {
 public:
  // problem: must outlive it. `interrupted` is asked now and then: once true, nothing more is
  // found.
  Bracket(const Problem& problem, int threads, std::function<bool()> interrupted = {});

  // Does what looking takes whatever x is, and once: for a time at which nobody waits.
  void prepare();

  // Looks at x, then for better points from there, until the gap of x is at most `enough` or that
  // of the best point seen at most `width`; or this has made `most_passes` over the data in all.
  // Returns what that has shown of x.
  Seen tighten(const Vector& x, double enough, double width, std::int64_t most_passes);

  double lower() const { return lower_; }  // D
  double upper() const { return upper_; }  // phi at the best point seen
  // (objective - D) / max(1, abs(D)), which is at least the gap of [math 3.1] and at least 0: where
  // rounding puts D above the objective, nothing is left between them.
  double gap(double objective) const { return std::max(relative_gap(objective, lower_), 0.0); }
  std::int64_t passes() const { return smooth_.passes(); }

 private:
  void look_at(const Point& point);

  SmoothPart smooth_;
  std::optional<Solver> solver_;  // once it is needed
  std::optional<Point> start_;    // where it is to begin anew: the best point seen
  Vector column_norm_;            // d; empty until prepared
  double lower_, upper_ = kInfinity;
};

}  // namespace laggard::reference
