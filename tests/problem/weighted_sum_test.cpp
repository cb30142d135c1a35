#include "core/problem/weighted_sum.hpp"
#include "tests/support/vector_widths.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace laggard {
namespace {

TEST(WeightedSum, AddsInOrderHoweverManyThereAre) {
  constexpr std::size_t kMost = 15;
  for (const Eigen::Index size : {0, 1, 7, 8, 100}) {
    std::vector<Vector> vectors;
    std::vector<double> weight;
    std::vector<const double*> data;
    for (std::size_t k = 0; k < kMost; ++k)
      vectors.push_back(Vector::Random(size) * (k % 4 == 1 ? 1e16 : 1.0));  // so that order matters
    for (std::size_t k = 0; k < kMost; ++k) {
      weight.push_back(k == 0 ? -0.0 : 0.3 * static_cast<double>(k) - 1);
      data.push_back(vectors[k].data());
      Vector expected = weight[0] * vectors[0];
      for (std::size_t j = 1; j <= k; ++j) expected += weight[j] * vectors[j];
      testing::at_every_vector_width([&] {
        Vector out = Vector::Constant(size, kNaN);
        weighted_sum(weight, data, view(out));
        EXPECT_EQ(out, expected) << k + 1 << " of " << size;
        for (Eigen::Index i = 0; i < size; ++i)
          EXPECT_EQ(std::signbit(out[i]), std::signbit(expected[i]));
      });
    }
  }
}

}  // namespace
}  // namespace laggard
