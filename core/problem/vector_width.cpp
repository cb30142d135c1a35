#include "core/problem/vector_width.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <string_view>

namespace laggard {
namespace {

constexpr std::array<std::string_view, 3> kWidthNames = {"baseline", "avx2", "avx512"};

VectorWidth widest() {
  if (cpu_has(VectorWidth::avx512)) return VectorWidth::avx512;
  return cpu_has(VectorWidth::avx2) ? VectorWidth::avx2 : VectorWidth::baseline;
}

VectorWidth width_at_start() {
  const char* asked = std::getenv("LAGGARD_VECTORS");
  if (!asked) return widest();
  for (std::size_t i = 0; i < kWidthNames.size(); ++i) {
    const auto width = static_cast<VectorWidth>(i);
    if (kWidthNames[i] != asked) continue;
    if (!cpu_has(width))
      throw Error(fmt::format("LAGGARD_VECTORS={}: this CPU has no {}", asked, asked));
    return width;
  }
  throw Error(fmt::format("LAGGARD_VECTORS={}: expected baseline, avx2 or avx512", asked));
}

std::atomic<VectorWidth>& current_width() {
  static std::atomic<VectorWidth> width = width_at_start();
  return width;
}

}  // namespace

VectorWidth vector_width() { return current_width().load(std::memory_order_relaxed); }

void set_vector_width(VectorWidth width) {
  LAGGARD_ASSERT(cpu_has(width), "vectors that the CPU does not have");
  current_width() = width;
}

bool cpu_has(VectorWidth width) {
  if (width == VectorWidth::baseline) return true;
#ifdef __x86_64__
  if (width == VectorWidth::avx2) return __builtin_cpu_supports("avx2");
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
#else
  return false;
#endif
}

}  // namespace laggard
