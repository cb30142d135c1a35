// Rank tests against worked examples of the literature and against brute force.
#include "runners/laboratory/results/statistics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace laggard {
namespace {

using Values = std::vector<double>;

// By definition: U counts pairs, a tie a half, over all ways to choose who is of the first sample.
double brute_mann_whitney(const Values& a, const Values& b) {
  Values all = a;
  all.insert(all.end(), b.begin(), b.end());
  std::vector<int> is_first(all.size(), 0);
  std::fill(is_first.end() - static_cast<std::ptrdiff_t>(a.size()), is_first.end(), 1);
  const auto statistic = [&](const std::vector<int>& first) {
    double u = 0;
    for (std::size_t i = 0; i < all.size(); ++i)
      for (std::size_t j = 0; j < all.size(); ++j)
        if (first[i] && !first[j]) u += all[i] > all[j] ? 1 : all[i] == all[j] ? 0.5 : 0;
    return u;
  };
  std::vector<int> own(all.size(), 0);
  std::fill_n(own.begin(), a.size(), 1);
  const double observed = statistic(own);
  double ways = 0, below = 0, above = 0;
  do {
    const double u = statistic(is_first);
    ++ways;
    below += u <= observed;
    above += u >= observed;
  } while (std::next_permutation(is_first.begin(), is_first.end()));
  return std::min(1.0, 2 * std::min(below, above) / ways);
}

double brute_wilcoxon(Values differences) {
  std::erase(differences, 0.0);
  const auto statistic = [&](auto is_positive) {
    double sum = 0;
    for (std::size_t i = 0; i < differences.size(); ++i) {
      if (!is_positive(i)) continue;
      double rank = 0.5;
      for (const double other : differences) {
        const double by = std::abs(differences[i]) - std::abs(other);
        rank += by > 0 ? 1 : by == 0 ? 0.5 : 0;
      }
      sum += rank;
    }
    return sum;
  };
  const double observed = statistic([&](std::size_t i) { return differences[i] > 0; });
  double below = 0, above = 0;
  const unsigned ways = 1u << differences.size();
  for (unsigned signs = 0; signs < ways; ++signs) {
    const double sum = statistic([&](std::size_t i) { return (signs >> i & 1) != 0; });
    below += sum <= observed;
    above += sum >= observed;
  }
  return std::min(1.0, 2 * std::min(below, above) / ways);
}

// Darwin's maize, of Fisher's Design of Experiments: crossed less self-fertilised, in eighths of an
// inch. T = 24 of n = 15, which tables of the exact distribution give 0.0413.
TEST(Statistics, WilcoxonOfDarwinsMaize) {
  const Values maize = {6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75};
  EXPECT_NEAR(wilcoxon_p(maize), 0.041259765625, 1e-15);  // 676 / 2^14
}

// U = 17 of 5 and 4 values: 7 of 126 ways are as extreme on one side.
TEST(Statistics, MannWhitneyOfNineValues) {
  EXPECT_NEAR(mann_whitney_p(Values{19, 22, 16, 29, 24}, Values{20, 11, 17, 12}), 14.0 / 126,
              1e-15);
  EXPECT_NEAR(mann_whitney_p(Values{1, 2, 3, 4, 5}, Values{6, 7, 8, 9, 10}), 2.0 / 252, 1e-15);
}

TEST(Statistics, ExactTestsAreThoseOfBruteForceWithTiesToo) {
  const std::vector<Values> samples = {{1, 2, 2, 5}, {2, 3, 3}, {0, 0, 0}, {4, 1, 4, 9, 2}, {7}};
  for (const Values& a : samples)
    for (const Values& b : samples)
      EXPECT_NEAR(mann_whitney_p(a, b), brute_mann_whitney(a, b), 1e-12);
  for (const Values& d : std::vector<Values>{
           {1, -1, 2, 2, -3}, {0, 0, 1}, {5, 5, 5, 5, 5, 5}, {-1, 2, -2, 3, 0, 4, 4, -9}})
    EXPECT_NEAR(wilcoxon_p(d), brute_wilcoxon(d), 1e-12);
}

TEST(Statistics, NothingThatDiffersIsNoEvidence) {
  EXPECT_EQ(wilcoxon_p(Values{0, 0}), 1);
  EXPECT_EQ(mann_whitney_p(Values{3, 3}, Values{3, 3}), 1);
}

// What never came is larger than all that did.
TEST(Statistics, InfinitiesRankLast) {
  const double never = std::numeric_limits<double>::infinity();
  EXPECT_EQ(mann_whitney_p(Values{1, 2, 3}, Values{4, never, never}),
            mann_whitney_p(Values{1, 2, 3}, Values{4, 5, 5}));
  EXPECT_EQ(median({1, never, never}), never);
  EXPECT_EQ(median({1, 2}), 1.5);
}

// The exact distribution at its limit and the normal one beyond it agree.
TEST(Statistics, LargeSamplesAreNearlyNormal) {
  Values a, b;
  for (int i = 0; i < 30; ++i) a.push_back(i), b.push_back(i * 1.1 + 3.05);
  const double exact = mann_whitney_p(a, b);
  a.push_back(15), b.push_back(19.05);
  EXPECT_NEAR(mann_whitney_p(a, b), exact, 0.15 * exact);
  Values d;
  for (int i = 1; i <= 60; ++i) d.push_back(i % 3 == 0 ? -i - 0.5 : i);
  const double small = wilcoxon_p(d);
  d.push_back(30.25);
  EXPECT_NEAR(wilcoxon_p(d), small, 0.3 * small);
}

TEST(Statistics, RatiosHoldTheirTruthAndAreRepeatable) {
  const Values a = {10, 11, 12, 13, 14}, b = {20, 22, 24, 26, 28};
  const Ratio apart = unpaired_ratio(a, b, 1);
  EXPECT_EQ(apart.estimate, 2);
  EXPECT_LT(apart.low, 2);
  EXPECT_GT(apart.high, 2);
  EXPECT_EQ(apart.p, mann_whitney_p(a, b));
  EXPECT_EQ(unpaired_ratio(a, b, 1).low, apart.low);
  std::vector<std::pair<double, double>> pairs;
  for (std::size_t i = 0; i < a.size(); ++i) pairs.emplace_back(a[i], b[i]);
  const Ratio paired = paired_ratio(pairs, 1);
  EXPECT_EQ(paired.estimate, 2);
  EXPECT_EQ(paired.low, 2) << "every pair says two";
  EXPECT_EQ(paired.high, 2);
  EXPECT_EQ(paired.p, 2.0 / 32);
  EXPECT_TRUE(std::isnan(unpaired_ratio(Values{1}, Values{2}, 1).low));
}

}  // namespace
}  // namespace laggard
