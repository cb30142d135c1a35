// Sums of several vectors, each read once.
#pragma once

#include "core/problem/vector_ops.hpp"

#include <span>

namespace laggard {

// out = sum_i weight_i vector_i, added in this order. At least one; each vector as long as `out`,
// which is none of them.
void weighted_sum(std::span<const double> weight, std::span<const double* const> vector, Span out);

}  // namespace laggard
