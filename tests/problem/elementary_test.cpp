#include "core/task/elementary.hpp"

#include "core/problem/loss.hpp"
#include "core/task/random.hpp"
#include "core/task/types.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace laggard {
namespace {

static_assert(std::numeric_limits<long double>::digits >= 64, "the reference has to know more");

// How far `value` is from `exact`, in units in the last place of doubles there.
double ulps(double value, long double exact) {
  const double nearest = std::abs(static_cast<double>(exact));
  const double unit = std::nextafter(nearest, kInfinity) - nearest;
  return static_cast<double>(std::abs(value - exact)) / unit;
}

// Draw i between low and high.
double draw(double low, double high, std::uint64_t i) {
  return low + (high - low) * uniform(1, Stream::code, i, 0);
}

constexpr std::uint64_t kDraws = 200'000;

TEST(Elementary, ExpIsWithinThreeUlp) {
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    for (const double range : {0.5, 30.0, 745.0}) {
      const double x = draw(-range, std::min(range, 709.0), i);
      ASSERT_LT(ulps(elementary::exp(x), std::exp(static_cast<long double>(x))), 3) << x;
    }
  }
}

TEST(Elementary, ExpIsWithinOneAndAHalfUlpInItsRange) {
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const double x = draw(-708, 709, i);
    ASSERT_LT(ulps(elementary::exp_in_range(x), std::exp(static_cast<long double>(x))), 1.5) << x;
  }
}

TEST(Elementary, ExpIsExactWhereThereIsNothingToRound) {
  EXPECT_EQ(elementary::exp(0), 1);
  EXPECT_EQ(elementary::exp(-kInfinity), 0);
  EXPECT_EQ(elementary::exp(-1000), 0);
  EXPECT_EQ(elementary::exp(kInfinity), kInfinity);
  EXPECT_EQ(elementary::exp(1000), kInfinity);
  EXPECT_TRUE(std::isnan(elementary::exp(kNaN)));
}

TEST(Elementary, LogIsWithinOneUlpAtEveryMagnitude) {
  const auto check = [](double x) {
    ASSERT_LT(ulps(elementary::log(x), std::log(static_cast<long double>(x))), 1) << x;
  };
  for (int exponent = -1074; exponent <= 1023; ++exponent)
    for (std::uint64_t i = 0; i < 50; ++i) check(std::ldexp(draw(1, 2, i), exponent));
  for (int k = 1; k <= 52; ++k) {
    check(1 + std::ldexp(1, -k));
    check(1 - std::ldexp(1, -k));
  }
  for (std::uint64_t i = 0; i < kDraws; ++i) check(draw(0.5, 2, i));
  EXPECT_EQ(elementary::log(1), 0);
}

TEST(Elementary, Log1pIsWithinThreeUlpHoweverSmallItsArgument) {
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const double sign = i % 2 == 0 ? 1 : -1;
    for (const double x : {draw(-0.999, 3, i), sign * std::exp2(draw(-80, -1, i))})
      ASSERT_LT(ulps(elementary::log1p(x), std::log1p(static_cast<long double>(x))), 3) << x;
  }
  EXPECT_EQ(elementary::log1p(0), 0);
}

TEST(Elementary, Log1pOfUnitIsWithinTwoUlp) {
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    for (const double x : {draw(0, 1, i), std::exp2(draw(-1000, 0, i))})
      ASSERT_LT(ulps(elementary::log1p_of_unit(x), std::log1p(static_cast<long double>(x))), 2)
          << x;
  }
  EXPECT_EQ(elementary::log1p_of_unit(0), 0);
}

TEST(Elementary, PowIsAsAccurateAsTheExponentAllows) {
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const double base = std::exp2(draw(-50, 50, 2 * i)), exponent = draw(-10, 10, 2 * i + 1);
    const long double exact = std::pow(static_cast<long double>(base), exponent);
    const double size = std::abs(exponent * std::log(base));
    ASSERT_LT(ulps(elementary::pow(base, exponent), exact), 2 * (2 + size))
        << base << "^" << exponent;
  }
}

// The whole chain from a margin.
TEST(Elementary, LogisticLossAndItsDerivativesAreWithinFourUlp) {
  const auto loss = make_loss("logistic");
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    for (const double range : {1.0, 40.0, 700.0}) {
      const double t = draw(-range, range, i);
      const std::array<double, 1> margin{t}, label{1};
      std::array<double, 1> first{}, second{};
      const double value = loss->derivative(margin, label, first);
      loss->curvature(margin, label, second);
      const long double e = std::exp(-std::abs(static_cast<long double>(t)));
      const long double tail = t < 0 ? -static_cast<long double>(t) : 0;
      ASSERT_LT(ulps(value, std::log1p(e) + tail), 4) << t;
      ASSERT_LT(ulps(first[0], -(t < 0 ? 1 : e) / (1 + e)), 4) << t;
      ASSERT_LT(ulps(second[0], e / ((1 + e) * (1 + e))), 4) << t;
    }
  }
}

}  // namespace
}  // namespace laggard
