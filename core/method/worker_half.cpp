#include "core/method/worker_half.hpp"

namespace laggard {

std::int64_t load_bytes(const Rows& rows) {
  constexpr std::int64_t kPerNonzero = sizeof(double) + sizeof(std::uint32_t);
  constexpr std::int64_t kPerRow = sizeof(double) + sizeof(std::int64_t);
  return rows.nonzeros() * kPerNonzero + rows.count() * kPerRow;
}

}  // namespace laggard
