// sync, report by report.                                                            [math 4]
#include "tests/protocols/scripted.hpp"

#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

TEST(SyncSteps, WaitsForEveryShardWhateverTheOrder) {
  EXPECT_STEPS((Script{.protocol = "sync", .workers = 3}), R"(
      start -> send 0 to 0, send 1 to 1, send 2 to 2
      1 -> take 1
      0 -> take 0
      2 -> take 2, z1 of 0 1 2, send 0 to 0, send 1 to 1, send 2 to 2
      2 -> take 2
      1 -> take 1
      0 -> take 0, z2 of 0 1 2, send 0 to 0, send 1 to 1, send 2 to 2)");
}

TEST(SyncSteps, AWorkerOfSeveralShardsServesThemInTurn) {
  EXPECT_STEPS((Script{.protocol = "sync", .workers = 2, .shards = 3}), R"(
      start -> send 0 to 0, send 1 to 1, send 2 to 0
      0 -> take 0
      0 -> take 0
      1 -> take 1, z1 of 0 1 2, send 0 to 0, send 1 to 1, send 2 to 0)");
}

}  // namespace
}  // namespace laggard::testing
