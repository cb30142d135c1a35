// Compiled for CPUs with AVX2. Nothing else may be in here: what the linker takes from here for
// other sources would not run elsewhere. xxhash's functions are static.
#ifdef __x86_64__
#define XXH_INLINE_ALL
#include "core/problem/xxh3.hpp"

#include <xxhash.h>

namespace laggard::detail {

std::uint64_t xxh3_on_avx2(const void* data, std::size_t bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(data, bytes, seed);
}

}  // namespace laggard::detail
#endif
