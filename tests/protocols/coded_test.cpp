// coded, report by report.                                                           [math 4]
#include "tests/protocols/scripted.hpp"

#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

Script fractional(const char* superseded) {
  return {.protocol = "coded", .workers = 4, .options = {{"superseded", superseded}}};
}

// Workers 0 and 1 hold shard 0, workers 2 and 3 shard 1.
TEST(CodedSteps, TheFirstOfAGroupCountsAndTheOtherIsStopped) {
  EXPECT_STEPS(fractional("preempt"), R"(
      start -> send 0 to 0, send 0 to 1, send 1 to 2, send 1 to 3
      1 -> take 1, stop 0
      2 -> take 2, stop 3, z1 of 0 1, send 0 to 0, send 0 to 1, send 1 to 2, send 1 to 3
      3 -> gone 3
      0 -> gone 0
      0 -> take 0, stop 1
      3 -> take 3, stop 2, z2 of 0 1, send 0 to 0, send 0 to 1, send 1 to 2, send 1 to 3)");
}

TEST(CodedSteps, ATwinThatFinishesIsDroppedAndALateOneBroughtUpToDate) {
  EXPECT_STEPS(fractional("finish"), R"(
      start -> send 0 to 0, send 0 to 1, send 1 to 2, send 1 to 3
      1 -> take 1
      0 -> drop 0
      2 -> take 2, z1 of 0 1, send 0 to 0, send 0 to 1, send 1 to 2
      3 -> drop 3, send 1 to 3
      3 -> take 3
      0 -> take 0, z2 of 0 1, send 0 to 0, send 1 to 3
      1 -> drop 1, send 0 to 1)");
}

// Worker j sums shards j and j + 1; any two of three suffice.
TEST(CodedSteps, ACyclicCodeDecodesFromAllButSWorkers) {
  EXPECT_STEPS(
      (Script{
          .protocol = "coded", .workers = 3, .options = {{"code", "cyclic"}}, .additive = true}),
      R"(
  start -> send 0+1 to 0, send 1+2 to 1, send 2+0 to 2
  2 -> nothing
  1 -> decode, take 1, take 2, stop 0, z1 of 0 1 2, send 0+1 to 0, send 1+2 to 1, send 2+0 to 2
  0 -> gone 0
  0 -> nothing
  2 -> decode, take 0, take 2, stop 1, z2 of 0 1 2, send 0+1 to 0, send 1+2 to 1, send 2+0 to 2)");
}

}  // namespace
}  // namespace laggard::testing
