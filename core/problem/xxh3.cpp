#include "core/problem/xxh3.hpp"

#include "core/problem/vector_width.hpp"

#include <xxhash.h>

namespace laggard {

std::uint64_t xxh3(const void* data, std::size_t bytes, std::uint64_t seed) {
#ifdef __x86_64__
  const VectorWidth width = vector_width();
  if (width == VectorWidth::avx512) return detail::xxh3_on_avx512(data, bytes, seed);
  if (width == VectorWidth::avx2) return detail::xxh3_on_avx2(data, bytes, seed);
#endif
  return XXH3_64bits_withSeed(data, bytes, seed);
}

}  // namespace laggard
