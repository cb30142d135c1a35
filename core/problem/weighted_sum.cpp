#include "core/problem/weighted_sum.hpp"

#include <algorithm>
#include <array>

namespace laggard {
namespace {

constexpr std::size_t kTogether = 6;  // vectors that are read side by side

// The first `count` of them, or as many as there are fewer. fresh: `out` holds nothing yet.
template <std::size_t count = kTogether>
void add_together(std::span<const double> weights, const double* const* vectors, bool fresh,
                  Span out) {
  if constexpr (count > 1)
    if (weights.size() < count) return add_together<count - 1>(weights, vectors, fresh, out);
  std::array<double, count> weight;
  std::array<const double*, count> vector;
  std::copy_n(weights.begin(), count, weight.begin());
  std::copy_n(vectors, count, vector.begin());
  const auto add = [&](const auto& begin_with) {
    with_widest_vectors([n = out.size(), out = out.data(), weight, vector, begin_with]()
                            LAGGARD_INLINE {
                              for (std::size_t i = 0; i < n; ++i) {
                                double sum = begin_with(out[i], weight[0] * vector[0][i]);
                                for (std::size_t k = 1; k < count; ++k)
                                  sum += weight[k] * vector[k][i];
                                out[i] = sum;
                              }
                            });
  };
  if (fresh)
    add([](double, double term) LAGGARD_INLINE { return term; });
  else
    add([](double before, double term) LAGGARD_INLINE { return before + term; });
}

}  // namespace

void weighted_sum(std::span<const double> weight, std::span<const double* const> vector, Span out) {
  for (std::size_t begin = 0; begin < weight.size(); begin += kTogether)
    add_together(weight.subspan(begin), vector.data() + begin, begin == 0, out);
}

}  // namespace laggard
