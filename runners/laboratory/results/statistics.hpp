// What few numbers say: medians, intervals, rank tests.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace laggard {

double median(std::vector<double> values);  // not empty; infinities are allowed

// Two-sided p-value of the Mann-Whitney test that neither of two samples tends to be larger. Equal
// values share their ranks. Exact, over all ways to deal the ranks, up to 60 values together;
// beyond that by the normal distribution with corrections for ties and continuity.
double mann_whitney_p(std::span<const double> a, std::span<const double> b);

// Two-sided p-value of Wilcoxon's signed-rank test that differences are symmetric about 0. Those
// that are 0 are left out. Exact, over all signs, up to 60 differences; beyond that by the normal
// distribution. 1 where none is left.
double wilcoxon_p(std::span<const double> differences);

// How `b` compares with `a`.
struct Ratio {
  double estimate = 0;
  double low = 0, high = 0;  // 95 % by the bootstrap; NaN for fewer than two values
  double p = 0;              // NaN likewise
};

inline constexpr int kResamples = 10'000;

// Of pairs (a, b): the median of b / a; Wilcoxon's test of their logarithms.
Ratio paired_ratio(std::span<const std::pair<double, double>> pairs, std::uint64_t seed);
// Of two samples: the ratio of their medians; the Mann-Whitney test.
Ratio unpaired_ratio(std::span<const double> a, std::span<const double> b, std::uint64_t seed);

}  // namespace laggard
