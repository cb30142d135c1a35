// Where k-means starts.                                                             [math 12.1]
#pragma once

#include "core/problem/dataset.hpp"
#include "core/task/types.hpp"

#include <cstdint>
#include <optional>

namespace laggard {

// The first K rows of the source that differ from each other, or, with a seed, of the source in the
// random order that it drives. One after the other: K x d. Throws Error where there are fewer.
Vector first_centres(const Dataset& data, std::int64_t clusters,
                     const std::optional<std::uint64_t>& seed);

}  // namespace laggard
