// multi_message, report by report.                                                  [math 13.2]
#include "tests/protocols/scripted.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

// A round begins.
constexpr const char* kSends =
    "send 0 to 0, send 1 to 1, send 2 to 2, send 1 to 0, send 2 to 1, send 0 to 2";

Script of(const char* superseded) {
  return {.protocol = "multi_message", .workers = 3, .options = {{"superseded", superseded}}};
}

TEST(MultiMessageSteps, TheFirstReportOfAShardCountsAndTheRestIsStopped) {
  EXPECT_STEPS(of("preempt"), fmt::format(R"(
      start -> {0}
      0 -> take 0
      0 -> take 0
      2 -> take 2, stop 1, stop 1, stop 2, z1 of 0 1 2, {0}
      1 -> gone 1
      1 -> gone 1)",
                                          kSends));
}

TEST(MultiMessageSteps, ATwinIsDropped) {
  EXPECT_STEPS(of("preempt"), fmt::format(R"(
      start -> {0}
      0 -> take 0
      1 -> take 1
      0 -> drop 0
      1 -> take 1, stop 2, stop 2, z1 of 0 1 2, {0})",
                                          kSends));
}

// A worker ends the task that it is at, and those behind it are given up.
TEST(MultiMessageSteps, ALateOneThatFinishesIsDropped) {
  EXPECT_STEPS(of("finish"), fmt::format(R"(
      start -> {0}
      0 -> take 0
      0 -> take 0
      2 -> take 2, stop 1, z1 of 0 1 2, {0}
      1 -> drop 1
      1 -> gone 1
      1 -> take 1)",
                                         kSends));
}

}  // namespace
}  // namespace laggard::testing
