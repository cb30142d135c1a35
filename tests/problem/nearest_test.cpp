#include "core/io/nearest.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace laggard {
namespace {

TEST(NearestName, FindsSlipsOfTheFingers) {
  const std::vector<std::string> names = {"sync", "async", "coded", "partial_barrier"};
  EXPECT_EQ(nearest_name("snyc", names), "sync");
  EXPECT_EQ(nearest_name("asinc", names), "async");
  EXPECT_EQ(nearest_name("partial-barrier", names), "partial_barrier");
  EXPECT_EQ(nearest_name("gossip", names), std::nullopt);
  EXPECT_EQ(nearest_name("x", names), std::nullopt);
  EXPECT_EQ(nearest_name("", names), std::nullopt);
}

TEST(NearestName, TakesTheShortestNameThatBeginsSo) {
  const std::vector<std::string> names = {"partial_barrier", "partial_sum", "worker", "workers"};
  EXPECT_EQ(nearest_name("partial", names), "partial_sum");
  EXPECT_EQ(nearest_name("partial_b", names), "partial_barrier");
  EXPECT_EQ(nearest_name("worke", names), "worker");
  EXPECT_EQ(nearest_name("pa", names), std::nullopt) << "two letters begin anything";
}

}  // namespace
}  // namespace laggard
