// How wide the vectors are that loops compute with: it changes speed and never a bit, for loops fix
// the order of their operations themselves, and nothing is contracted into FMA.
#pragma once

namespace laggard {

enum class VectorWidth { baseline, avx2, avx512 };

// The widest that this CPU has; LAGGARD_VECTORS=baseline|avx2|avx512 asks for another. Throws Error
// if that is none of these or more than the CPU has.
VectorWidth vector_width();
// The same for all that follows, for tests and benchmarks.
void set_vector_width(VectorWidth width);
bool cpu_has(VectorWidth width);

namespace detail {

#ifdef __x86_64__
template <class Loop>
[[gnu::target("avx2")]] auto on_avx2(const Loop& loop) {
  return loop();
}
template <class Loop>
[[gnu::target("avx512f,avx512dq,avx512vl")]] auto on_avx512(const Loop& loop) {
  return loop();
}
#endif

}  // namespace detail

// loop(), compiled for the vectors of this CPU. `loop` and what it calls have to be inlined for
// that: a lambda with LAGGARD_INLINE.
template <class Loop>
auto with_widest_vectors(const Loop& loop) {
#ifdef __x86_64__
  const VectorWidth width = vector_width();
  if (width == VectorWidth::avx512) return detail::on_avx512(loop);
  if (width == VectorWidth::avx2) return detail::on_avx2(loop);
#endif
  return loop();
}

#define LAGGARD_INLINE __attribute__((always_inline))

// Before a loop of fixed length that is to become vectors: GCC unrolls it otherwise, and makes
// none of what it has unrolled.
#ifdef __clang__
#define LAGGARD_NOT_UNROLLED
#else
#define LAGGARD_NOT_UNROLLED _Pragma("GCC unroll 1")
#endif

}  // namespace laggard
