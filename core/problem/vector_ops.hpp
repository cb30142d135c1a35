// Dense loops over plain arrays whose order of summation is fixed: the same bits from every
// compiler, at every optimisation level and on every CPU, and still open to vectorisation.
#pragma once

#include "core/problem/vector_width.hpp"
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

inline constexpr std::size_t kLanes = 8;

inline double sum_of_lanes(const double (&lane)[kLanes]) {
  return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

// Sums term(i) over 0 <= i < n in eight interleaved lanes, joined pairwise.
template <class Term>
double lane_sum(std::size_t n, const Term& term) {
  return with_widest_vectors([n, &term]() LAGGARD_INLINE {
    double lane[kLanes] = {};
    std::size_t i = 0;
    for (; i + kLanes <= n; i += kLanes) {
      LAGGARD_NOT_UNROLLED
      for (std::size_t l = 0; l < kLanes; ++l) lane[l] += term(i + l);
    }
    for (std::size_t l = 0; i < n; ++i, ++l) lane[l] += term(i);
    return sum_of_lanes(lane);
  });
}

}  // namespace detail

inline double sum(ConstSpan a) {
  return detail::lane_sum(a.size(), [a = a.data()](std::size_t i) LAGGARD_INLINE { return a[i]; });
}
inline double dot(ConstSpan a, ConstSpan b) {
  return detail::lane_sum(
      a.size(), [a = a.data(), b = b.data()](std::size_t i) LAGGARD_INLINE { return a[i] * b[i]; });
}
inline double squared_norm(ConstSpan a) { return dot(a, a); }
inline double norm(ConstSpan a) { return std::sqrt(squared_norm(a)); }
inline double squared_distance(ConstSpan a, ConstSpan b) {
  return detail::lane_sum(a.size(), [a = a.data(), b = b.data()](std::size_t i) LAGGARD_INLINE {
    const double difference = a[i] - b[i];
    return difference * difference;
  });
}
// y += s x
inline void add_scaled(Span y, double s, ConstSpan x) {
  with_widest_vectors([n = y.size(), y = y.data(), s, x = x.data()]() LAGGARD_INLINE {
    for (std::size_t i = 0; i < n; ++i) y[i] += s * x[i];
  });
}

}  // namespace laggard
