// Two methods in turn, each good at what the other is not:
//
//   repeat
//     some steps of accelerated proximal gradient   find the piece of h that x* lies on
//     a Newton step on that piece                   fast, once the piece is the right one
//
// One gradient step is enough while Newton's make kkt fall; otherwise the piece is not found yet,
// and more and more of them are made.
#include "core/reference/solver.hpp"

#include "core/reference/certificate.hpp"

#include <algorithm>
#include <utility>

namespace laggard::reference {
namespace {

constexpr int kMinSteps = 5, kMaxSteps = 40;

}  // namespace

void Solver::start(Point point, int steps) {
  point_ = std::move(point);
  steps_ = steps;
  begun_ = false;
}

void Solver::advance() {
  if (std::exchange(begun_, true)) {
    const auto outcome = newton_.step(point_);
    const bool fast =
        outcome == PieceNewton::Outcome::full && reference::kkt(smooth_, point_) < 0.5 * kkt_;
    steps_ = fast ? 1 : std::clamp(2 * steps_, kMinSteps, kMaxSteps);
  }
  gradient_.run(point_, steps_);
  kkt_ = reference::kkt(smooth_, point_);
}

}  // namespace laggard::reference
