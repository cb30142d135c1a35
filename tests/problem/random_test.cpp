#include "core/task/random.hpp"

#include <gtest/gtest.h>
#include <array>
#include <cmath>
#include <vector>

namespace laggard {
namespace {

using Words = std::array<std::uint32_t, 4>;

// The known answers for philox4x32, 10 rounds, that come with Random123 (tests/kat_vectors).
TEST(Random, PhiloxGivesTheKnownAnswers) {
  EXPECT_EQ(philox(0, Stream{0}, 0, 0), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox(0xffffffffffffffff, Stream{0xffffffff}, 0xffffffffffffffff, 0xffffffff),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox(0x299f31d0a4093822, Stream{0x03707344}, 0x85a308d3243f6a88, 0x13198a2e),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, EveryPartOfTheCounterAndTheKeyMatters) {
  const Words words = philox(1, Stream::shuffle, 2, 3);
  EXPECT_NE(words, philox(2, Stream::shuffle, 2, 3));
  EXPECT_NE(words, philox(1 + (std::uint64_t{1} << 32), Stream::shuffle, 2, 3));
  EXPECT_NE(words, philox(1, Stream::straggler, 2, 3));
  EXPECT_NE(words, philox(1, Stream::shuffle, 3, 3));
  EXPECT_NE(words, philox(1, Stream::shuffle, 2 + (std::uint64_t{1} << 32), 3));
  EXPECT_NE(words, philox(1, Stream::shuffle, 2, 4));
}

TEST(Random, UnitIntervalIsOpenAndSymmetric) {
  EXPECT_EQ(to_unit_interval(0, 0), 0x1p-53);
  EXPECT_EQ(to_unit_interval(0xffffffff, 0xffffffff), 1 - 0x1p-53);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const Words w = philox(7, Stream::code, i, 0);
    EXPECT_EQ(to_unit_interval(w[0], w[1]) + to_unit_interval(~w[0], ~w[1]), 1.0);
  }
}

// 100 cells of 1000 expected draws each: chi-square with 99 degrees of freedom exceeds 160 with
// probability 1e-4; the draws are fixed, so the test cannot flake.
TEST(Random, UniformFillsTheIntervalEvenly) {
  std::array<int, 100> cell{};
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    ++cell[static_cast<std::size_t>(100 * uniform(11, Stream::code, i, 5))];
  }
  double chi_square = 0;
  for (const int count : cell) chi_square += (count - 1000.0) * (count - 1000.0) / 1000.0;
  EXPECT_LT(chi_square, 160);
  EXPECT_GT(chi_square, 55);
}

TEST(Random, BoundedDrawsAreEvenAlsoForAwkwardBounds) {
  EXPECT_EQ(Draws(1, Stream::code, 0).below(1), 0u);
  Draws draws(3, Stream::code, 1);
  std::array<int, 7> count{};
  for (int i = 0; i < 70'000; ++i) ++count[draws.below(7)];
  double chi_square = 0;
  for (const int c : count) chi_square += (c - 10'000.0) * (c - 10'000.0) / 10'000.0;
  EXPECT_LT(chi_square, 28);  // probability 1e-4 at 6 degrees of freedom
  // With this bound a plain product of 32 by 32 bits would give half of the values a double chance.
  constexpr std::uint32_t kBound = 3u << 30;
  std::array<int, 3> third{};
  for (int i = 0; i < 30'000; ++i) ++third[draws.below(kBound) >> 30];
  for (const int c : third) EXPECT_NEAR(c, 10'000, 400);
}

TEST(Random, DrawsAreTheWordsOfConsecutiveBlocks) {
  Draws draws(5, Stream::shuffle, 9);
  for (std::uint32_t block = 0; block < 3; ++block) {
    for (const std::uint32_t word : philox(5, Stream::shuffle, 9, block))
      EXPECT_EQ(draws.word(), word);
  }
}

// Quantiles from tables of the normal distribution to 16 digits.
TEST(Random, NormalQuantileGivesTheKnownQuantiles) {
  const std::array<std::pair<double, double>, 7> known = {{{0.5, 0.0},
                                                           {0.75, 0.6744897501960817},
                                                           {0.9, 1.2815515655446004},
                                                           {0.975, 1.959963984540054},
                                                           {0.995, 2.5758293035489004},
                                                           {0.001, -3.0902323061678132},
                                                           {1e-10, -6.361340902404056}}};
  for (const auto& [u, quantile] : known) {
    EXPECT_NEAR(normal_quantile(u), quantile, 1e-14 * std::abs(quantile)) << "u = " << u;
  }
}

// erfc has a relative error of an ulp or so, and the quantile's own is divided by the hazard rate.
TEST(Random, NormalQuantileInvertsTheDistributionFunction) {
  for (int i = 1; i < 2000; ++i) {
    const double u = i < 1000 ? std::ldexp(1, -i) : (i - 999.5) / 1001;
    const double x = normal_quantile(u);
    EXPECT_NEAR(0.5 * std::erfc(-x / std::sqrt(2.0)) / u, 1, 1e-13 * (1 + x * x)) << "u = " << u;
  }
}

TEST(Random, NormalQuantileIsAntisymmetric) {
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const double u = uniform(13, Stream::code, i, 0);
    EXPECT_EQ(normal_quantile(u), -normal_quantile(1 - u)) << "u = " << u;
  }
}

TEST(Random, NormalDrawsHaveTheMomentsOfTheNormalDistribution) {
  constexpr int kCount = 200'000;
  std::array<double, 5> moment{};
  for (std::uint32_t i = 0; i < kCount; ++i) {
    const double x = normal_quantile(uniform(17, Stream::code, i, 0));
    double power = 1;
    for (double& m : moment) {
      m += power / kCount;
      power *= x;
    }
  }
  // Four standard errors: sqrt(1, 2, 15, 96 over the count).
  EXPECT_NEAR(moment[1], 0, 4 * std::sqrt(1.0 / kCount));
  EXPECT_NEAR(moment[2], 1, 4 * std::sqrt(2.0 / kCount));
  EXPECT_NEAR(moment[3], 0, 4 * std::sqrt(15.0 / kCount));
  EXPECT_NEAR(moment[4], 3, 4 * std::sqrt(96.0 / kCount));
}

}  // namespace
}  // namespace laggard
