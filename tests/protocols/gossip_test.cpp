// gossip, report by report.                                                          [math 10.3]
#include "tests/protocols/scripted.hpp"

#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

Script on(std::vector<std::vector<ShardId>> neighbours) {
  return {.protocol = "gossip",
          .workers = static_cast<int>(neighbours.size()),
          .neighbours = std::move(neighbours)};
}

// 0 - 1 - 2 - 3.
const std::vector<std::vector<ShardId>> kPath = {{1}, {0, 2}, {1, 3}, {2}};

TEST(GossipSteps, ANodeWaitsForItsNeighboursAlone) {
  EXPECT_STEPS(on(kPath), R"(
      start -> send 0 to 0, send 1 to 1, send 2 to 2, send 3 to 3
      0 -> nothing
      1 -> send 0 to 0
      0 -> nothing
      2 -> send 1 to 1
      1 -> send 0 to 0
      0 -> nothing
      3 -> take 0, take 1, take 2, take 3, z1 of 0 1 2 3, send 3 to 3, send 2 to 2)");
}

// Node 0 has made two rounds when the first update takes the first of them. The other waits for the
// second, and tells that one update came before.
TEST(GossipSteps, ReportsOfNodesThatAreAheadWaitForTheirUpdate) {
  EXPECT_STEPS(on({{1}, {0, 2}, {1}}), R"(
      start -> send 0 to 0, send 1 to 1, send 2 to 2
      1 -> nothing
      0 -> send 0 to 0
      0 -> nothing
      2 -> take 0, take 1, take 2, z1 of 0 1 2, send 2 to 2, send 1 to 1
      1 -> send 0 to 0
      2 -> take 0 (2 rounds old), take 1, take 2, z2 of 0 1 2, send 2 to 2, send 1 to 1)");
}

TEST(GossipSteps, OnTheCompleteGraphItIsABarrier) {
  EXPECT_STEPS(on({{1, 2}, {0, 2}, {0, 1}}), R"(
      start -> send 0 to 0, send 1 to 1, send 2 to 2
      1 -> nothing
      0 -> nothing
      2 -> take 0, take 1, take 2, z1 of 0 1 2, send 2 to 2, send 0 to 0, send 1 to 1)");
}

TEST(GossipSteps, OfOneNodeGoesOnByItself) {
  EXPECT_STEPS(on({{}}), R"(
      start -> send 0 to 0
      0 -> take 0, z1 of 0, send 0 to 0
      0 -> take 0, z2 of 0, send 0 to 0)");
}

}  // namespace
}  // namespace laggard::testing
