// async, report by report.                                                           [math 4]
#include "tests/protocols/scripted.hpp"

#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

Script async(int workers, std::int64_t tau, std::int64_t min_arrivals) {
  return {.protocol = "async",
          .workers = workers,
          .options = {{"tau", tau}, {"min-arrivals", min_arrivals}}};
}

// A shard that has never been heard has age k + 1 at update k.
TEST(AsyncSteps, UpdatesAfterOneReportUntilAShardWouldBeOlderThanTau) {
  EXPECT_STEPS(async(3, 3, 1), R"(
      start -> send 0 to 0, send 1 to 1, send 2 to 2
      0 -> take 0, z1 of 0, send 0 to 0
      0 -> take 0, z2 of 0, send 0 to 0
      1 -> take 1 (3 rounds old)
      0 -> take 0
      2 -> take 2 (3 rounds old), z3 of 0 1 2, send 0 to 0, send 1 to 1, send 2 to 2
      2 -> take 2, z4 of 2, send 2 to 2
      1 -> take 1 (2 rounds old), z5 of 1, send 1 to 1
      1 -> take 1
      0 -> take 0 (3 rounds old), z6 of 0 1, send 0 to 0, send 1 to 1)");
}

TEST(AsyncSteps, WaitsForSoManyNewReports) {
  EXPECT_STEPS(async(4, 9, 2), R"(
      start -> send 0 to 0, send 1 to 1, send 2 to 2, send 3 to 3
      3 -> take 3
      1 -> take 1, z1 of 1 3, send 1 to 1, send 3 to 3
      0 -> take 0 (2 rounds old)
      3 -> take 3, z2 of 0 3, send 0 to 0, send 3 to 3)");
}

TEST(AsyncSteps, WithTauOneOrAllReportsIsSync) {
  const char* steps = R"(
      start -> send 0 to 0, send 1 to 1, send 2 to 2
      2 -> take 2
      0 -> take 0
      1 -> take 1, z1 of 0 1 2, send 0 to 0, send 1 to 1, send 2 to 2
      0 -> take 0
      2 -> take 2
      1 -> take 1, z2 of 0 1 2, send 0 to 0, send 1 to 1, send 2 to 2)";
  EXPECT_STEPS(async(3, 1, 1), steps);
  EXPECT_STEPS(async(3, 9, 3), steps);
  EXPECT_STEPS((Script{.protocol = "sync", .workers = 3}), steps);
}

}  // namespace
}  // namespace laggard::testing
