// Whether numbers are numbers.
#pragma once

#include "core/problem/vector_ops.hpp"
#include "core/task/precision.hpp"

namespace laggard {

// 0 a_i is 0, or not a number: as fast as they are read.
inline bool all_finite(ConstSpan a) {
  return detail::lane_sum(a.size(),
                          [a = a.data()](std::size_t i) LAGGARD_INLINE { return 0 * a[i]; }) == 0;
}

// And are when they are rounded to what crosses the wire.
inline bool all_finite(Precision precision, ConstSpan a) {
  if (precision == Precision::f64) return all_finite(a);
  return detail::lane_sum(a.size(), [a = a.data()](std::size_t i) LAGGARD_INLINE {
           return 0 * static_cast<double>(static_cast<float>(a[i]));
         }) == 0;
}

}  // namespace laggard
