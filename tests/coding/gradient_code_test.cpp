#include "core/coding/gradient_code.hpp"
#include "core/io/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace laggard {
namespace {

std::vector<bool> all_but(int workers, const std::vector<int>& missing) {
  std::vector<bool> arrived(static_cast<std::size_t>(workers), true);
  for (const int j : missing) arrived[static_cast<std::size_t>(j)] = false;
  return arrived;
}

std::vector<int> some_workers(int workers, int count, std::mt19937& generator) {
  std::vector<int> all(static_cast<std::size_t>(workers));
  std::iota(all.begin(), all.end(), 0);
  std::shuffle(all.begin(), all.end(), generator);
  all.resize(static_cast<std::size_t>(count));
  return all;
}

Vector noise(int n, std::mt19937& generator) {
  std::normal_distribution<double> normal;
  return Vector::NullaryExpr(n, [&](Eigen::Index) { return normal(generator); });
}

// How far the decoded sum of random contributions is from their sum.
double error_of_sum(const GradientCode& code, const std::vector<bool>& arrived,
                    const std::vector<double>& weights, const Vector& contribution) {
  double sum = 0;
  std::size_t next = 0;
  for (int j = 0; j < code.workers(); ++j) {
    if (!arrived[static_cast<std::size_t>(j)]) continue;
    double message = 0;
    for (const Part& part : code.parts(j)) message += part.coefficient * contribution[part.shard];
    sum += weights.at(next++) * message;
  }
  EXPECT_EQ(next, weights.size());
  return std::abs(sum - contribution.sum());
}

TEST(GradientCode, WorkersHoldTheirShardAndTheNextOnes) {
  const GradientCode code(8, 3, 1);
  for (WorkerId j = 0; j < 8; ++j) {
    const std::vector<Part> parts = code.parts(j);
    ASSERT_EQ(parts.size(), 4u);
    for (int i = 0; i < 4; ++i) {
      EXPECT_EQ(parts[static_cast<std::size_t>(i)].shard, (j + i) % 8);
      EXPECT_NE(parts[static_cast<std::size_t>(i)].coefficient, 0);
    }
  }
}

TEST(GradientCode, EverySetOfStragglersDecodesAtEightWorkers) {
  std::mt19937 generator(5);
  double worst = 0;
  for (int s = 1; s <= 6; ++s) {
    for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
      GradientCode code(8, s, seed);
      const Vector contribution = noise(8, generator);
      for (unsigned set = 0; set < 256; ++set) {
        std::vector<int> missing;
        for (int j = 0; j < 8; ++j)
          if (set >> j & 1u) missing.push_back(j);
        if (static_cast<int>(missing.size()) > s) continue;
        const std::vector<bool> arrived = all_but(8, missing);
        const Decoding& decoding = code.decode(arrived);
        EXPECT_LE(decoding.error, 1e-9) << "s " << s << " seed " << seed << " missing " << set;
        EXPECT_LE(error_of_sum(code, arrived, decoding.weights, contribution), 1e-9);
        worst = std::max(worst, decoding.error);
      }
    }
  }
  RecordProperty("worst_error", std::to_string(worst));
}

TEST(GradientCode, RandomSetsOfStragglersDecodeAtManyWorkers) {
  for (const int workers : {64, 256})
    for (const int s : {4, 16}) {
      std::mt19937 generator(7);
      GradientCode code(workers, s, 1);
      const Vector contribution = noise(workers, generator);
      for (int trial = 0; trial < 200; ++trial) {
        const int gone = trial % 4 == 3 ? trial % (s + 1) : s;
        const std::vector<bool> arrived = all_but(workers, some_workers(workers, gone, generator));
        const Decoding& decoding = code.decode(arrived);
        EXPECT_LE(decoding.error, 1e-7) << workers << " " << s << " trial " << trial;
        EXPECT_LE(error_of_sum(code, arrived, decoding.weights, contribution), 1e-7);
      }
    }
}

TEST(GradientCode, OneMoreReportNeverMakesTheWeightsLarger) {
  std::mt19937 generator(3);
  GradientCode code(32, 5, 2);
  const auto size = [](const Decoding& decoding) {
    return Eigen::Map<const Vector>(decoding.weights.data(),
                                    static_cast<Eigen::Index>(decoding.weights.size()))
        .norm();
  };
  for (int trial = 0; trial < 50; ++trial) {
    std::vector<int> missing = some_workers(32, 5, generator);
    double before = size(code.decode(all_but(32, missing)));
    while (!missing.empty()) {
      missing.pop_back();
      const double now = size(code.decode(all_but(32, missing)));
      EXPECT_LE(now, before * (1 + 1e-9));
      before = now;
    }
  }
}

TEST(GradientCode, TooFewReportsShowInTheError) {
  GradientCode code(8, 2, 1);
  EXPECT_GT(code.decode(all_but(8, {0, 3, 6})).error, 1e-3);
  EXPECT_GT(code.decode(std::vector<bool>(8, false)).error, 0.5);
}

TEST(GradientCode, WithoutRedundancyItIsTheIdentity) {
  GradientCode code(7, 0, 1);
  for (WorkerId j = 0; j < 7; ++j) {
    const std::vector<Part> parts = code.parts(j);
    ASSERT_EQ(parts.size(), 1u);
    EXPECT_EQ(parts[0].shard, j);
    EXPECT_EQ(parts[0].coefficient, 1);
  }
  const Decoding& decoding = code.decode(std::vector<bool>(7, true));
  EXPECT_EQ(decoding.weights, std::vector<double>(7, 1.0));
  EXPECT_EQ(decoding.error, 0);
  EXPECT_EQ(decoding.condition, 1);
  EXPECT_EQ(code.decode(all_but(7, {2})).error, 1);
}

TEST(GradientCode, ARepeatedPatternDecodesToTheSameBits) {
  std::mt19937 generator(9);
  GradientCode code(16, 3, 4);
  const std::vector<bool> first = all_but(16, {1, 5, 9});
  const Decoding fresh = code.decode(first);
  EXPECT_EQ(code.decode(first).weights, fresh.weights);
  for (std::size_t i = 0; i < GradientCode::kCacheLimit + 10; ++i) {
    std::vector<bool> arrived(16);
    for (std::size_t j = 0; j < 16; ++j) arrived[j] = (i * 13 + 1) >> j & 1u;
    code.decode(arrived);
  }
  EXPECT_EQ(code.decode(first).weights, fresh.weights) << "after it has left the cache";
  EXPECT_EQ(GradientCode(16, 3, 4).decode(first).weights, fresh.weights) << "another of that seed";
  EXPECT_NE(GradientCode(16, 3, 5).decode(first).weights, fresh.weights) << "another seed";
}

TEST(GradientCode, RefusesWhatIsNoCode) {
  EXPECT_THROW(GradientCode(4, 4, 1), InvariantViolation);
  EXPECT_THROW(GradientCode(4, -1, 1), InvariantViolation);
  EXPECT_THROW(GradientCode(4, 1, 1).parts(4), InvariantViolation);
  EXPECT_THROW(GradientCode(4, 1, 1).decode({true, true}), InvariantViolation);
}

}  // namespace
}  // namespace laggard
