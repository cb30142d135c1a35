#include "runners/laboratory/results/statistics.hpp"

#include "core/task/random.hpp"
#include "core/task/types.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace laggard {
namespace {

constexpr std::size_t kExact = 60;

// Twice the ranks from 1, so that those that equal values share are integers.
std::vector<int> doubled_ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<int> ranks(values.size());
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = static_cast<int>(begin + end + 1);
  }
  return ranks;
}

// Sum of t^3 - t over groups of t equal ranks.
double tie_term(std::vector<int> ranks) {
  std::ranges::sort(ranks);
  double sum = 0;
  for (std::size_t begin = 0, end = 0; begin < ranks.size(); begin = end) {
    while (end < ranks.size() && ranks[end] == ranks[begin]) ++end;
    const double t = static_cast<double>(end - begin);
    sum += t * t * t - t;
  }
  return sum;
}

// Both tails of a distribution over 0, 1, ... that `observed` is in the farther of.
double two_sided(const std::vector<double>& weight, int observed) {
  double below = 0, above = 0, all = 0;
  for (std::size_t s = 0; s < weight.size(); ++s) {
    all += weight[s];
    if (static_cast<int>(s) <= observed) below += weight[s];
    if (static_cast<int>(s) >= observed) above += weight[s];
  }
  return std::min(1.0, 2 * std::min(below, above) / all);
}

double normal_two_sided(double distance, double deviation) {
  if (!(deviation > 0)) return 1;
  return std::erfc(std::max(0.0, distance) / deviation / std::sqrt(2.0));
}

// How many ways there are to choose `count` of the ranks with each sum.
std::vector<double> choices_by_sum(const std::vector<int>& ranks, std::size_t count) {
  const auto total = static_cast<std::size_t>(std::accumulate(ranks.begin(), ranks.end(), 0));
  std::vector<std::vector<double>> ways(count + 1, std::vector<double>(total + 1));
  ways[0][0] = 1;
  for (const int rank : ranks)
    for (std::size_t chosen = count; chosen > 0; --chosen)
      for (std::size_t sum = total; sum >= static_cast<std::size_t>(rank); --sum)
        ways[chosen][sum] += ways[chosen - 1][sum - static_cast<std::size_t>(rank)];
  return ways[count];
}

double ratio_of(double a, double b) {
  return a == b ? 1 : b / a;  // so too of a pair of which neither ever came
}

// The 2.5 % and 97.5 % quantiles of what `draw` gives, by the nearest rank.
template <class Draw>
void fill_interval(Ratio& ratio, std::uint64_t seed, Draw draw) {
  Draws draws(seed, Stream::bootstrap, 0);
  std::vector<double> values;
  values.reserve(kResamples);
  for (int i = 0; i < kResamples; ++i) values.push_back(draw(draws));
  std::ranges::sort(values);
  ratio.low = values[kResamples / 40 - 1];
  ratio.high = values[kResamples - kResamples / 40];
}

std::vector<double> resampled(std::span<const double> values, Draws& draws) {
  std::vector<double> sample;
  for (std::size_t i = 0; i < values.size(); ++i)
    sample.push_back(values[draws.below(static_cast<std::uint32_t>(values.size()))]);
  return sample;
}

}  // namespace

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  if (values.size() % 2 == 1 || values[half - 1] == values[half]) return values[half];
  return (values[half - 1] + values[half]) / 2;
}

double mann_whitney_p(std::span<const double> a, std::span<const double> b) {
  std::vector<double> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  const std::vector<int> ranks = doubled_ranks(all);
  const int observed =
      std::accumulate(ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(a.size()), 0);
  if (all.size() <= kExact) return two_sided(choices_by_sum(ranks, a.size()), observed);
  const double n = static_cast<double>(a.size()), m = static_cast<double>(b.size()), both = n + m;
  const double deviation =
      std::sqrt(n * m / 12 * (both + 1 - tie_term(ranks) / (both * (both - 1))));
  return normal_two_sided(std::abs(observed / 2.0 - n * (both + 1) / 2) - 0.5, deviation);
}

double wilcoxon_p(std::span<const double> differences) {
  std::vector<double> sizes, kept;
  for (const double difference : differences) {
    if (difference == 0) continue;
    kept.push_back(difference);
    sizes.push_back(std::abs(difference));
  }
  if (kept.empty()) return 1;
  const std::vector<int> ranks = doubled_ranks(sizes);
  int observed = 0;
  for (std::size_t i = 0; i < kept.size(); ++i)
    if (kept[i] > 0) observed += ranks[i];
  if (kept.size() > kExact) {
    const double n = static_cast<double>(kept.size());
    const double deviation = std::sqrt(n * (n + 1) * (2 * n + 1) / 24 - tie_term(ranks) / 48);
    return normal_two_sided(std::abs(observed / 2.0 - n * (n + 1) / 4) - 0.5, deviation);
  }
  const int total = std::accumulate(ranks.begin(), ranks.end(), 0);
  std::vector<double> ways(static_cast<std::size_t>(total) + 1);
  ways[0] = 1;
  for (const int rank : ranks)
    for (int sum = total; sum >= rank; --sum)
      ways[static_cast<std::size_t>(sum)] += ways[static_cast<std::size_t>(sum - rank)];
  return two_sided(ways, observed);
}

Ratio paired_ratio(std::span<const std::pair<double, double>> pairs, std::uint64_t seed) {
  std::vector<double> ratios, logarithms;
  for (const auto& [a, b] : pairs) {
    ratios.push_back(ratio_of(a, b));
    logarithms.push_back(std::log(ratios.back()));
  }
  Ratio ratio{median(ratios), kNaN, kNaN, kNaN};
  if (pairs.size() < 2) return ratio;
  fill_interval(ratio, seed, [&](Draws& draws) { return median(resampled(ratios, draws)); });
  ratio.p = wilcoxon_p(logarithms);
  return ratio;
}

Ratio unpaired_ratio(std::span<const double> a, std::span<const double> b, std::uint64_t seed) {
  Ratio ratio{ratio_of(median({a.begin(), a.end()}), median({b.begin(), b.end()})), kNaN, kNaN,
              kNaN};
  if (a.size() < 2 || b.size() < 2) return ratio;
  fill_interval(ratio, seed, [&](Draws& draws) {
    const double before = median(resampled(a, draws));
    return ratio_of(before, median(resampled(b, draws)));
  });
  ratio.p = mann_whitney_p(a, b);
  return ratio;
}

}  // namespace laggard
