// approximate, report by report.                                                    [math 13.1]
#include "tests/protocols/scripted.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

// A round begins.
constexpr const char* kSends = "send 0+1 to 0, send 0+1 to 1, send 2+3 to 2, send 2+3 to 3";

Script of(OptionValues options) {
  return {.protocol = "approximate", .workers = 4, .options = std::move(options), .additive = true};
}

// Workers 0 and 1 hold shards 0 and 1, workers 2 and 3 shards 2 and 3.
TEST(ApproximateSteps, TheFirstMessagesCountWhateverTheyMiss) {
  EXPECT_STEPS(of({{"stragglers", std::int64_t{2}}}), fmt::format(R"(
      start -> {0}
      1 -> nothing
      0 -> decode, take 0, take 1, stop 2, stop 3, z1 of 0 1 2 3, {0}
      2 -> gone 2
      3 -> gone 3)",
                                                                  kSends));
}

TEST(ApproximateSteps, WhileTheErrorIsTooLargeItWaitsForOneMore) {
  EXPECT_STEPS(of({{"wait", std::int64_t{2}}, {"max-error", 0.5}}), fmt::format(R"(
      start -> {0}
      1 -> nothing
      0 -> nothing
      3 -> decode, take 0, take 1, take 3, stop 2, z1 of 0 1 2 3, {0}
      0 -> nothing
      2 -> gone 2
      2 -> decode, take 0, take 2, stop 1, stop 3, z2 of 0 1 2 3, {0})",
                                                                                kSends));
}

TEST(ApproximateSteps, ALateOneThatFinishesIsDroppedAndBroughtUpToDate) {
  Script script = of({{"graph", "cyclic"}, {"superseded", "finish"}});
  script.workers = 3;
  EXPECT_STEPS(script, R"(
      start -> send 0+1 to 0, send 1+2 to 1, send 2+0 to 2
      0 -> nothing
      1 -> decode, take 0, take 1, z1 of 0 1 2, send 0+1 to 0, send 1+2 to 1
      2 -> drop 2, send 2+0 to 2
      2 -> nothing)");
}

}  // namespace
}  // namespace laggard::testing
