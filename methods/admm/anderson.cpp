#include "methods/admm/anderson.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace laggard {
namespace {

// Safeguards. A residual that has grown beyond so many times the least one ends the memory; weights
// so large would amplify rounding; and so much of the trace is added to the diagonal of the normal
// equations.
constexpr double kMostGrowth = 2;
constexpr double kLargestWeights = 100;
constexpr double kRegularisation = 1e-10;

// Solves A x = b for a positive definite A of order n, by rows; x is written to b. False if A is
// not positive definite in doubles.
bool solve_in_place(std::vector<double>& a, std::vector<double>& b) {
  const std::size_t n = b.size();
  for (std::size_t k = 0; k < n; ++k) {
    if (!(a[k * n + k] > 0)) return false;
    for (std::size_t i = k + 1; i < n; ++i) {
      const double factor = a[i * n + k] / a[k * n + k];
      for (std::size_t j = k; j < n; ++j) a[i * n + j] -= factor * a[k * n + j];
      b[i] -= factor * b[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) b[k] -= a[k * n + j] * b[j];
    b[k] /= a[k * n + k];
  }
  return true;
}

}  // namespace

Anderson::Anderson(int memory)
    : weight_(static_cast<std::size_t>(memory) + 1), gram_(weight_.size() * weight_.size()) {}

void Anderson::keep(int newest) { known_ = std::min(known_, newest); }

double& Anderson::gram(int i, int j) { return gram_[static_cast<std::size_t>(i * places() + j)]; }

bool Anderson::add(const std::function<double(int)>& product) {
  const int newest = next_;
  next_ = (next_ + 1) % places();
  known_ = std::min(known_ + 1, places());
  for (int back = 0; back < known_; ++back)
    gram(newest, place(back)) = gram(place(back), newest) = product(place(back));
  const double size = std::sqrt(gram(newest, newest));
  if (known_ > 1 && size > kMostGrowth * least_) known_ = 1;
  least_ = known_ == 1 ? size : std::min(least_, size);
  return known_ > 1 && solve();
}

// With the newest first and d_i = g_i - g_{i+1}: least squares of g_0 - sum_i c_i d_i.
bool Anderson::solve() {
  const auto n = static_cast<std::size_t>(known_ - 1);
  const auto at = [&](std::size_t i, std::size_t j) {
    return gram(place(static_cast<int>(i)), place(static_cast<int>(j)));
  };
  std::vector<double> matrix(n * n), c(n);
  double trace = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j)
      matrix[i * n + j] = (at(i, j) - at(i, j + 1)) - (at(i + 1, j) - at(i + 1, j + 1));
    c[i] = at(i, 0) - at(i + 1, 0);
    trace += matrix[i * n + i];
  }
  for (std::size_t i = 0; i < n; ++i) matrix[i * n + i] += kRegularisation * trace;
  bool usable = solve_in_place(matrix, c);
  std::fill(weight_.begin(), weight_.end(), 0.0);
  double total = 0;
  for (std::size_t i = 0; i <= n; ++i) {
    const double before = i == 0 ? 1 : c[i - 1], after = i == n ? 0 : c[i];
    weight_[static_cast<std::size_t>(place(static_cast<int>(i)))] = before - after;
    total += std::abs(before - after);
  }
  usable &= total <= kLargestWeights;  // false where it is not a number
  if (!usable) known_ = 1;
  return usable;
}

void Anderson::persist(StateArchive& archive) {
  for (double& value : weight_) archive.value(value);
  for (double& value : gram_) archive.value(value);
  archive.value(known_);
  archive.value(next_);
  archive.value(least_);
  if (known_ < 0 || known_ > places() || next_ < 0 || next_ >= places())
    throw Error(
        fmt::format("is damaged: {} points, the next at {} of {}", known_, next_, places()));
}

}  // namespace laggard
