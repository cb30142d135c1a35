// partial_coded, report by report.                                                  [math 13.2]
#include "tests/protocols/scripted.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

// A round begins.
constexpr const char* kSends =
    "send 0 to 0, send 1 to 1, send 2 to 2, send 3+4 to 0, send 4+5 to 1, send 5+3 to 2";

Script of(const char* superseded) {
  return {.protocol = "partial_coded",
          .workers = 3,
          .options = {{"superseded", superseded}},
          .additive = true};
}

// Shards 0, 1 and 2 are the workers' own; 3, 4 and 5 are coded.
TEST(PartialCodedSteps, AllOwnPartsAreWaitedForAndAllCodedOnesButS) {
  EXPECT_STEPS(of("preempt"), fmt::format(R"(
      start -> {0}
      0 -> nothing
      0 -> nothing
      2 -> nothing
      2 -> nothing
      1 -> decode, take 0, take 1, take 2, take 0, take 2, stop 1, z1 of 0 1 2 3 4 5, {0}
      1 -> gone 1)",
                                          kSends));
}

TEST(PartialCodedSteps, ALateCodedPartThatFinishesIsDropped) {
  EXPECT_STEPS(of("finish"), fmt::format(R"(
      start -> {0}
      0 -> nothing
      1 -> nothing
      2 -> nothing
      1 -> nothing
      0 -> decode, take 0, take 1, take 2, take 0, take 1, z1 of 0 1 2 3 4 5, {0}
      2 -> drop 2
      2 -> nothing)",
                                         kSends));
}

}  // namespace
}  // namespace laggard::testing
