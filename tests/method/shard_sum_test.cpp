#include "core/method/shard_sum.hpp"
#include "core/problem/vector_ops.hpp"
#include "tests/support/small_problem.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <utility>

namespace laggard {
namespace {

TEST(ShardSum, IsTheWeightedSumWhateverTheOrderOfArrival) {
  for (const int shards : {1, 2, 3, 7, 16, 33}) {
    constexpr int kFeatures = 5;
    ShardSum forward(shards, kFeatures, 1), backward(shards, kFeatures, 1);
    Vector plain = Vector::Zero(kFeatures);
    double weight = 0;
    std::vector<SharedVector> value;
    for (int p = 0; p < shards; ++p)
      value.push_back(std::make_shared<Vector>(noise(kFeatures, 7u + unsigned(p))));
    for (int p = 0; p < shards; ++p) {
      forward.set(p, 1.0 + 0.1 * p, value[std::size_t(p)]);
      plain += (1.0 + 0.1 * p) * *value[std::size_t(p)];
      weight += 1.0 + 0.1 * p;
    }
    for (int p = shards - 1; p >= 0; --p) {
      backward.set(p, 9, value[0]);  // superseded below
      backward.total();
      backward.set(p, 1.0 + 0.1 * p, value[std::size_t(p)]);
    }
    ShardSum early(shards, kFeatures, 1, true);
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < shards; ++i) {
        const int p = (5 * i + 2) % shards;
        const bool set_before = p % 3 == round;
        if (set_before) early.set(p, 9, value[0]);
        early.set(p, 1.0 + 0.1 * p, value[std::size_t(p)]);
      }
      for (int p = 0; p < shards; p += 2) early.set(p, 1.0 + 0.1 * p, value[std::size_t(p)]);
      const Vector expected = forward.total();
      EXPECT_TRUE((early.total().array() == expected.array()).all()) << shards;
    }
    EXPECT_LE((forward.total() - plain).norm(), 1e-13);
    EXPECT_NEAR(forward.total_weight(), weight, 1e-13);
    EXPECT_TRUE((forward.total().array() == backward.total().array()).all()) << shards;
  }
}

TEST(ShardSum, OfTermsIsThatOfTheirSums) {
  constexpr int kFeatures = 11;
  for (const int shards : {1, 2, 3, 7, 16}) {
    ShardSum of_terms(shards, kFeatures, 1), of_sums(shards, kFeatures, 1);
    const auto equal = [&] {
      EXPECT_EQ(of_terms.total(), of_sums.total()) << shards;
      StateArchive terms, sums;
      of_terms.persist(terms);
      of_sums.persist(sums);
      EXPECT_EQ(terms.bytes(), sums.bytes()) << shards;
    };
    const auto set = [&](int p, unsigned seed) {
      const auto a = std::make_shared<Vector>(noise(kFeatures, seed));
      const auto b = std::make_shared<Vector>(noise(kFeatures, seed + 1));
      auto sum = std::make_shared<Vector>(2.1 * *a);
      *sum += -0.3 * *b;
      of_terms.set(p, 1.0 + 0.1 * p, {{2.1, a}, {-0.3, b}});
      of_sums.set(p, 1.0 + 0.1 * p, sum);
    };
    for (int p = 0; p < shards; ++p) set(p, 2 * unsigned(p));
    equal();
    for (unsigned again = 0; again < 3; ++again) {  // the sums beside it are asked for once more
      set(shards - 1, 100 + again);
      equal();
    }
    const auto one = std::make_shared<Vector>(Vector::Ones(kFeatures));
    of_terms.set(0, 3, one);
    of_sums.set(0, 3, one);
    equal();
  }
}

TEST(ShardSum, SaysTheTotalThatItIsToldUntilAValueIsSet) {
  constexpr int kFeatures = 3;
  for (const int shards : {1, 2, 7}) {
    ShardSum told(shards, kFeatures, 1, true), not_told(shards, kFeatures, 1);
    const auto set = [&](int p, unsigned seed) {
      const auto value = std::make_shared<Vector>(noise(kFeatures, seed));
      told.set(p, 2, value);
      not_told.set(p, 2, value);
    };
    const Vector other = noise(kFeatures, 99);
    for (unsigned round = 0; round < 3; ++round) {
      for (int p = 0; p < shards; ++p) set(p, 10 * round + unsigned(p));
      told.set_total(other);
      EXPECT_EQ(told.total(), other);
      EXPECT_EQ(told.total_weight(), 2.0 * shards);
      set(shards / 2, 50 + round);
      EXPECT_EQ(told.total(), not_told.total()) << shards;
    }
  }
}

TEST(OnceSum, HasTheBitsOfShardSumWhateverTheOrder) {
  constexpr int kFeatures = 5;
  std::mt19937 random(3);
  for (const int shards : {1, 2, 3, 7, 16, 33}) {
    ShardSum expected(shards, kFeatures, 1);
    std::vector<ShardId> order;
    for (int p = 0; p < shards; ++p) {
      expected.set(p, 1, std::make_shared<Vector>(noise(kFeatures, unsigned(p))));
      order.push_back(p);
    }
    OnceSum sum(shards);
    for (int round = 0; round < 4; ++round) {
      for (const ShardId p : order) {
        EXPECT_EQ(sum.total(), nullptr);
        sum.add(p, noise(kFeatures, unsigned(p)));
      }
      ASSERT_NE(sum.total(), nullptr);
      EXPECT_EQ(*sum.total(), expected.total()) << shards;
      sum.clear();
      if (shards > 1) sum.add(0, noise(kFeatures, 99));  // a round that is given up
      sum.clear();
      std::shuffle(order.begin(), order.end(), random);
    }
  }
}

}  // namespace
}  // namespace laggard
