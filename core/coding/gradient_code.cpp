#include "core/coding/gradient_code.hpp"

#include "core/coding/pivoted_qr.hpp"
#include "core/io/error.hpp"
#include "core/task/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace laggard {
namespace {

// How many H are tried. The cost of each grows as W^3.
constexpr int kCandidates = 8;
constexpr int kCandidatesOfMany = 2;
constexpr int kManyWorkers = 256;  // beyond, it is the latter

// s x W standard normals with the mean of each row taken off: H 1 = 0, and no worker is special.
Eigen::MatrixXd draw_checks(int redundancy, int workers, std::uint64_t seed, int candidate) {
  Eigen::MatrixXd checks(redundancy, workers);
  for (int i = 0; i < redundancy; ++i)
    for (int j = 0; j < workers; ++j) {
      const auto position = static_cast<std::uint64_t>(i) * static_cast<std::uint64_t>(workers) +
                            static_cast<std::uint64_t>(j);
      checks(i, j) = normal_quantile(
          uniform(seed, Stream::code, position, static_cast<std::uint32_t>(candidate)));
    }
  for (int i = 0; i < redundancy; ++i) {
    double sum = 0;
    for (int j = 0; j < workers; ++j) sum += checks(i, j);
    for (int j = 0; j < workers; ++j) checks(i, j) -= sum / workers;
  }
  return checks;
}

}  // namespace

GradientCode::GradientCode(int workers, int redundancy, std::uint64_t seed)
    : Code(workers, workers), redundancy_(redundancy) {
  LAGGARD_ASSERT(workers >= 1 && redundancy >= 0 && redundancy < workers,
                 fmt::format("{} workers, redundancy {}", workers, redundancy));
  if (redundancy == 0) {
    code_ = Eigen::MatrixXd::Ones(workers, 1);
    return;
  }
  const int candidates = workers <= kManyWorkers ? kCandidates : kCandidatesOfMany;
  int best = 0;
  double least = kInfinity;
  for (int candidate = 0; candidate < candidates; ++candidate) {
    draw(seed, candidate);
    factorise();
    const double worst = worst_condition(seed);
    if (worst < least) {
      least = worst;
      best = candidate;
    }
  }
  if (best == candidates - 1) return;
  draw(seed, best);
  factorise();
}

// Row j of B is the unit vector that H restricted to columns j .. j + s (s x (s + 1)) maps to 0.
void GradientCode::draw(std::uint64_t seed, int candidate) {
  const int s = redundancy_;
  const Eigen::MatrixXd checks = draw_checks(s, workers(), seed, candidate);
  code_.resize(workers(), s + 1);
  Eigen::MatrixXd held(s + 1, s);
  for (int j = 0; j < workers(); ++j) {
    for (int i = 0; i <= s; ++i) held.row(i) = checks.col((j + i) % workers()).transpose();
    code_.row(j) = PivotedQr(held).column_of_q(s).transpose();
  }
}

// With B P = Q R of rank W - s, the last s columns of Q are the combinations that come to 0, and
// the others span the weights of least norm.
void GradientCode::factorise() {
  const int rank = workers() - redundancy_;
  Eigen::MatrixXd dense = Eigen::MatrixXd::Zero(workers(), workers());
  for (int j = 0; j < workers(); ++j)
    for (int i = 0; i <= redundancy_; ++i) dense(j, (j + i) % workers()) = code_(j, i);
  const PivotedQr qr(std::move(dense));
  everyone_ = qr.solve_transposed(Vector::Ones(workers()), rank);
  idle_.resize(redundancy_, workers());
  for (int k = 0; k < redundancy_; ++k) idle_.row(k) = qr.column_of_q(rank + k).transpose();
}

// Over a handful of patterns, by turns s neighbours that are missing and s workers at random.
double GradientCode::worst_condition(std::uint64_t seed) const {
  constexpr int kPatterns = 16;
  const auto count = static_cast<std::uint32_t>(workers());
  double worst = 0;
  for (int pattern = 0; pattern < kPatterns; ++pattern) {
    std::vector<bool> arrived(static_cast<std::size_t>(workers()), true);
    // Counters beyond those of the checks.
    Draws draws(seed, Stream::code, (std::uint64_t{1} << 40) + static_cast<std::uint64_t>(pattern));
    const std::uint32_t first = draws.below(count);
    for (int left = 0; left < redundancy_; ++left) {
      std::size_t worker = (first + static_cast<std::uint32_t>(left)) % count;
      if (pattern % 2 == 1) worker = draws.below(count);
      while (!arrived[worker])  // only at random: neighbours are distinct
        worker = draws.below(count);
      arrived[worker] = false;
    }
    worst = std::max(worst, solve(arrived).condition);
  }
  return worst;
}

std::vector<Part> GradientCode::parts(WorkerId worker) const {
  LAGGARD_ASSERT(worker >= 0 && worker < workers(),
                 fmt::format("worker {} of {}", worker, workers()));
  std::vector<Part> parts;
  for (int i = 0; i <= redundancy_; ++i)
    parts.push_back({(worker + i) % workers(), code_(worker, i)});
  return parts;
}

// All weights that decode are everyone_ + idle_^T c; c is chosen so that those of the missing
// workers vanish, which is s equations at most: O(s^3 + W s).
std::vector<double> GradientCode::weights_of(const std::vector<bool>& arrived) const {
  std::vector<int> missing;
  for (int j = 0; j < workers(); ++j)
    if (!arrived[static_cast<std::size_t>(j)]) missing.push_back(j);
  const Eigen::Index gone = static_cast<Eigen::Index>(missing.size());
  Vector weights = redundancy_ == 0 ? Vector::Ones(workers()) : everyone_;
  if (gone > 0 && redundancy_ > 0) {
    const PivotedQr qr(idle_(Eigen::all, missing));  // s x missing
    const Vector c = qr.solve_transposed(everyone_(missing), qr.rank());
    for (int k = 0; k < redundancy_; ++k) weights -= c[k] * idle_.row(k).transpose();
  }
  std::vector<double> out;
  for (int j = 0; j < workers(); ++j)
    if (arrived[static_cast<std::size_t>(j)]) out.push_back(weights[j]);
  return out;
}

}  // namespace laggard
