#include "core/problem/finite.hpp"
#include "tests/support/vector_widths.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace laggard {
namespace {

constexpr double kMax = std::numeric_limits<double>::max();
constexpr double kMaxFloat = std::numeric_limits<float>::max();
constexpr double kHalfUlp = 0x1p103;  // of the largest float

TEST(AllFinite, FindsOneNumberThatIsNotWhereverItIs) {
  testing::at_every_vector_width([] {
    for (const std::size_t size : {1u, 7u, 8u, 65u, 131u}) {
      std::vector<double> values(size, 1.5);
      for (double& value : values) {
        for (const double good : {0.0, -0.0, kMax, -kMax, 5e-324, -5e-324}) {
          value = good;
          EXPECT_TRUE(all_finite(values)) << good;
        }
        for (const double bad : {kInfinity, -kInfinity, kNaN, -kNaN}) {
          value = bad;
          EXPECT_FALSE(all_finite(values)) << bad << " at " << &value - values.data();
          EXPECT_FALSE(all_finite(Precision::f32, values)) << bad;
        }
        value = -2;
      }
    }
    EXPECT_TRUE(all_finite({}));
  });
}

TEST(AllFinite, OfFloatsIsWhatTheyAreRoundedTo) {
  testing::at_every_vector_width([] {
    std::vector<double> values(35, 1.5);
    for (double& value : values) {
      for (const double good : {kMaxFloat, -kMaxFloat, 0.0, 1e-300}) {
        value = good;
        EXPECT_TRUE(all_finite(Precision::f32, values)) << good;
      }
      for (const double bad : {kMaxFloat + kHalfUlp, -kMaxFloat - kHalfUlp, 1e39, kMax}) {
        value = bad;
        EXPECT_FALSE(all_finite(Precision::f32, values)) << bad;
        EXPECT_TRUE(all_finite(Precision::f64, values)) << bad;
      }
      value = -2;
    }
  });
}

}  // namespace
}  // namespace laggard
