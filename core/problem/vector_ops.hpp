// Dense loops over plain arrays whose order of summation is fixed: the same bits from every
// compiler and at every optimisation level, and still open to vectorisation.
#pragma once

#include "core/task/types.hpp"

#include <cmath>
#include <cstddef>
#include <span>

namespace laggard {

using ConstSpan = std::span<const double>;
using Span = std::span<double>;

inline ConstSpan view(const Vector& v) { return {v.data(), static_cast<std::size_t>(v.size())}; }
inline Span view(Vector& v) { return {v.data(), static_cast<std::size_t>(v.size())}; }

namespace detail {

// Sums term(i) over 0 <= i < n in eight interleaved lanes, joined pairwise.
template <class Term>
double lane_sum(std::size_t n, Term term) {
  constexpr std::size_t kLanes = 8;
  double lane[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (std::size_t l = 0; l < kLanes; ++l) lane[l] += term(i + l);
  for (std::size_t l = 0; i < n; ++i, ++l) lane[l] += term(i);
  return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

}  // namespace detail

inline double dot(ConstSpan a, ConstSpan b) {
  return detail::lane_sum(a.size(), [&](std::size_t i) { return a[i] * b[i]; });
}
inline double squared_norm(ConstSpan a) { return dot(a, a); }
inline double norm(ConstSpan a) { return std::sqrt(squared_norm(a)); }
inline double squared_distance(ConstSpan a, ConstSpan b) {
  return detail::lane_sum(a.size(), [&](std::size_t i) {
    const double difference = a[i] - b[i];
    return difference * difference;
  });
}
// y += s x
inline void add_scaled(Span y, double s, ConstSpan x) {
  for (std::size_t i = 0; i < y.size(); ++i) y[i] += s * x[i];
}

}  // namespace laggard
