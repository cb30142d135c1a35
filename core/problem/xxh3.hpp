// XXH3-64 of bytes, as xxhash defines it, by the widest vectors of this CPU. The library has but
// those of the CPU that it was compiled for.
#pragma once

#include <cstddef>
#include <cstdint>

namespace laggard {

std::uint64_t xxh3(const void* data, std::size_t bytes, std::uint64_t seed = 0);

namespace detail {

#ifdef __x86_64__
std::uint64_t xxh3_on_avx2(const void* data, std::size_t bytes, std::uint64_t seed);
std::uint64_t xxh3_on_avx512(const void* data, std::size_t bytes, std::uint64_t seed);
#endif

}  // namespace detail
}  // namespace laggard
