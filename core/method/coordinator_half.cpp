#include "core/method/coordinator_half.hpp"

#include "core/io/error.hpp"

namespace laggard {

void CoordinatorHalf::accept_sum(const Task&, Contribution) {
  LAGGARD_ASSERT(false, "a sum of contributions for a method that needs each shard's own");
}

}  // namespace laggard
