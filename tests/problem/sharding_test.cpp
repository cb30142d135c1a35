#include "core/problem/sharding.hpp"

#include "core/problem/problem.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <memory>
#include <numeric>
#include <vector>

namespace laggard {
namespace {

// Sample n has n mod 4 entries, all of them n + 1/2, and the label n.
Dataset numbered(std::int64_t samples) {
  Dataset data;
  data.name = "numbered";
  data.identity = "numbered";
  data.a.columns = 10;
  data.a.row_start.push_back(0);
  for (std::int64_t n = 0; n < samples; ++n) {
    for (std::int64_t k = 0; k < n % 4; ++k) {
      data.a.column.push_back(static_cast<std::uint32_t>(2 * k + n % 3));
      data.a.value.push_back(static_cast<double>(n) + 0.5);
    }
    data.label.push_back(static_cast<double>(n));
    data.a.row_start.push_back(data.a.nonzeros());
  }
  return data;
}

// The samples in their new order, having checked that each still has its own entries.
std::vector<std::int64_t> order_of(const Dataset& data) {
  std::vector<std::int64_t> order;
  EXPECT_EQ(data.a.row_start[0], 0);
  EXPECT_EQ(data.a.row_start.back(), data.a.nonzeros());
  for (std::int64_t row = 0; row < data.samples(); ++row) {
    const auto n = static_cast<std::int64_t>(data.label[row]);
    const std::int64_t begin = data.a.row_start[row];
    EXPECT_EQ(data.a.row_start[row + 1] - begin, n % 4);
    for (std::int64_t k = 0; k < n % 4; ++k) {
      EXPECT_EQ(data.a.column[begin + k], static_cast<std::uint32_t>(2 * k + n % 3));
      EXPECT_EQ(data.a.value[begin + k], static_cast<double>(n) + 0.5);
    }
    order.push_back(n);
  }
  return order;
}

TEST(Sharding, EverySampleIsKeptExactlyOnceWhateverTheNumberOfShards) {
  for (const std::int64_t samples : {1, 2, 7, 64, 100, 101, 997}) {
    for (const int shards : {1, 2, 3, 7, 16, 64, 100, 996, 997, 1200}) {
      for (const Sharding sharding :
           {Sharding::contiguous, Sharding::round_robin, Sharding::shuffle}) {
        SCOPED_TRACE(fmt::format("N = {}, P = {}, {}", samples, shards, to_string(sharding)));
        std::vector<std::int64_t> order = order_of(arrange(numbered(samples), sharding, shards, 3));
        std::ranges::sort(order);
        std::vector<std::int64_t> all(static_cast<std::size_t>(samples));
        std::iota(all.begin(), all.end(), 0);
        ASSERT_EQ(order, all);
      }
    }
  }
}

TEST(Sharding, ShardsOfAProblemCoverTheRowsWithSizesThatDifferByOneAtMost) {
  for (const int shards : {1, 3, 7, 64, 100}) {
    Problem problem;
    problem.data = std::make_shared<Dataset>(numbered(100));
    problem.shards = shards;
    std::int64_t next = 0;
    for (int p = 0; p < shards; ++p) {
      const Rows rows = problem.shard(ShardId(p));
      EXPECT_EQ(rows.begin, next);
      EXPECT_GE(rows.count(), 100 / shards);
      EXPECT_LE(rows.count(), 100 / shards + 1);
      next = rows.end;
    }
    EXPECT_EQ(next, 100);
  }
}

TEST(Sharding, TheSamplesOfAShardAreTheRowsThatArrangingGivesIt) {
  for (const std::int64_t samples : {1, 7, 50, 97})
    for (const int shards : {1, 3, 16, 50, 60})
      for (const Sharding sharding :
           {Sharding::contiguous, Sharding::round_robin, Sharding::shuffle}) {
        SCOPED_TRACE(fmt::format("N = {}, P = {}, {}", samples, shards, to_string(sharding)));
        std::vector<std::int64_t> joined;
        for (int p = 0; p < shards; ++p) {
          const auto own = samples_of_shard(samples, sharding, shards, 3, p);
          EXPECT_EQ(static_cast<std::int64_t>(own.size()),
                    samples * (p + 1) / shards - samples * p / shards);
          joined.insert(joined.end(), own.begin(), own.end());
        }
        EXPECT_EQ(joined, order_of(arrange(numbered(samples), sharding, shards, 3)));
      }
}

TEST(Sharding, ContiguousChangesNothing) {
  const std::vector<std::int64_t> order =
      order_of(arrange(numbered(50), Sharding::contiguous, 7, 1));
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST(Sharding, TwoThreadsMoveTheRowsToTheSamePlaces) {
  constexpr std::int64_t kSamples = 100'003;
  ASSERT_GT(numbered(kSamples).a.nonzeros(), 100'000);
  for (const Sharding sharding : {Sharding::round_robin, Sharding::shuffle})
    EXPECT_EQ(order_of(arrange(numbered(kSamples), sharding, 7, 3, 2)),
              order_of(arrange(numbered(kSamples), sharding, 7, 3, 1)));
}

// The definition, card by card: deal in turn, pass over full shards.
TEST(Sharding, RoundRobinDealsInTurnAndPassesOverFullShards) {
  for (const std::int64_t samples : {1, 5, 16, 50, 97}) {
    for (const int shards : {1, 2, 3, 7, 16, 50}) {
      std::vector<std::vector<std::int64_t>> hand(static_cast<std::size_t>(shards));
      const auto size = [&](int p) {
        return static_cast<std::size_t>(samples * (p + 1) / shards - samples * p / shards);
      };
      int p = 0;
      for (std::int64_t n = 0; n < samples; ++n) {
        while (hand[static_cast<std::size_t>(p)].size() == size(p)) p = (p + 1) % shards;
        hand[static_cast<std::size_t>(p)].push_back(n);
        p = (p + 1) % shards;
      }
      std::vector<std::int64_t> expected;
      for (const auto& cards : hand) expected.insert(expected.end(), cards.begin(), cards.end());
      EXPECT_EQ(order_of(arrange(numbered(samples), Sharding::round_robin, shards, 1)), expected);
    }
  }
}

TEST(Sharding, ShuffleDependsOnTheSeedAloneNotOnTheShards) {
  const auto shuffled = [](int shards, std::uint64_t seed) {
    return order_of(arrange(numbered(200), Sharding::shuffle, shards, seed));
  };
  EXPECT_EQ(shuffled(4, 1), shuffled(4, 1));
  EXPECT_EQ(shuffled(4, 1), shuffled(7, 1));
  EXPECT_NE(shuffled(4, 1), shuffled(4, 2));
}

TEST(Sharding, ShuffleReachesAllPermutationsEvenly) {
  std::vector<double> count(27);
  for (std::uint64_t seed = 0; seed < 6000; ++seed) {
    const auto order = order_of(arrange(numbered(3), Sharding::shuffle, 1, seed));
    ++count[static_cast<std::size_t>(9 * order[0] + 3 * order[1] + order[2])];
  }
  double chi_square = 0;
  int permutations = 0;
  for (const double c : count) {
    if (c == 0) continue;
    ++permutations;
    chi_square += (c - 1000) * (c - 1000) / 1000;
  }
  EXPECT_EQ(permutations, 6);
  EXPECT_LT(chi_square, 26);  // probability 1e-4 at 5 degrees of freedom
}

TEST(Sharding, WhatTheDataIsStaysTheSame) {
  const Dataset data = arrange(numbered(20), Sharding::shuffle, 3, 1);
  EXPECT_EQ(data.identity, "numbered");
  EXPECT_EQ(data.name, "numbered");
  EXPECT_EQ(data.features(), 10);
}

}  // namespace
}  // namespace laggard
