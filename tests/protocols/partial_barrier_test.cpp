// partial_barrier, report by report.                                                 [math 4]
#include "tests/protocols/scripted.hpp"

#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

Script partial_barrier(std::int64_t drop, OptionValues more = {}) {
  more["drop"] = drop;
  return {.protocol = "partial_barrier", .workers = 3, .options = std::move(more)};
}

TEST(PartialBarrierSteps, WithoutADropIsSync) {
  EXPECT_STEPS(partial_barrier(0), R"(
      start -> send 0 to 0, send 1 to 1, send 2 to 2
      2 -> take 2
      1 -> take 1
      0 -> take 0, z1 of 0 1 2, send 0 to 0, send 1 to 1, send 2 to 2)");
}

TEST(PartialBarrierSteps, ALateReportIsDroppedAndItsWorkerSkipsToTheNewestZ) {
  EXPECT_STEPS(partial_barrier(1, {{"missing", "reuse"}}), R"(
      start -> send 0 to 0, send 1 to 1, send 2 to 2
      2 -> take 2
      0 -> take 0, z1 of 0 2, send 0 to 0, send 2 to 2
      1 -> drop 1, send 1 to 1
      1 -> take 1
      2 -> take 2, z2 of 1 2, send 1 to 1, send 2 to 2
      0 -> drop 0, send 0 to 0)");
}

// At update 2 shard 1, which has never been heard, would have age 3: the update waits for it
// although two reports are in.
TEST(PartialBarrierSteps, AlsoWaitsForAShardThatWouldBeOlderThanTau) {
  EXPECT_STEPS(partial_barrier(1, {{"missing", "reuse"}, {"tau", std::int64_t{2}}}), R"(
      start -> send 0 to 0, send 1 to 1, send 2 to 2
      0 -> take 0
      2 -> take 2, z1 of 0 2, send 0 to 0, send 2 to 2
      0 -> take 0
      2 -> take 2
      1 -> drop 1, send 1 to 1
      1 -> take 1, z2 of 0 1 2, send 0 to 0, send 1 to 1, send 2 to 2)");
}

TEST(PartialBarrierSteps, ALateReportMergesIntoTheNextUpdateAndItsWorkerIdlesUntilThen) {
  EXPECT_STEPS(partial_barrier(1, {{"missing", "late_merge"}}), R"(
      start -> send 0 to 0, send 1 to 1, send 2 to 2
      0 -> take 0
      2 -> take 2, z1 of 0 2, send 0 to 0, send 2 to 2
      1 -> take 1 (2 rounds old)
      0 -> take 0
      2 -> take 2, z2 of 0 1 2, send 0 to 0, send 1 to 1, send 2 to 2)");
}

TEST(PartialBarrierSteps, DiscardLeavesTheMissingOut) {
  EXPECT_STEPS(partial_barrier(1, {{"missing", "discard"}}), R"(
      start -> send 0 to 0, send 1 to 1, send 2 to 2
      1 -> take 1
      2 -> take 2, z1 of 1 2 alone, send 1 to 1, send 2 to 2)");
}

TEST(PartialBarrierSteps, PreemptStopsTheLateAtTheUpdate) {
  EXPECT_STEPS(partial_barrier(1, {{"superseded", "preempt"}}), R"(
      start -> send 0 to 0, send 1 to 1, send 2 to 2
      0 -> take 0
      1 -> take 1, stop 2, z1 of 0 1, send 0 to 0, send 1 to 1, send 2 to 2
      2 -> gone 2
      2 -> take 2
      0 -> take 0, stop 1, z2 of 0 2, send 0 to 0, send 1 to 1, send 2 to 2)");
}

}  // namespace
}  // namespace laggard::testing
