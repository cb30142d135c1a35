// The paper's instance, scaled down to a tenth: what the two readings of its listing do.  [math 2]
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

Testbed paper(int workers) {
  Testbed bed;
  bed.problem = synthetic("n=60000,d=1000,density=0.01,seed=1", workers);
  bed.workers = workers;
  bed.session.stopping.rule = StopRule::paper;
  bed.session.max_rounds = 60;
  return bed;
}

TEST(Paper, TheStandardReadingHoldsWithinTwentyThreeRounds) {
  for (const int workers : {4, 16, 64}) {
    const auto outcome = paper(workers).run("sync");
    EXPECT_EQ(outcome.summary.stop, StopReason::rule_holds) << workers;
    EXPECT_LE(outcome.summary.rounds, 24) << workers;
    EXPECT_LE(outcome.summary.certified_gap, 1e-4) << workers;
  }
}

TEST(Paper, TheLiteralReadingDoesNotStop) {
  Testbed bed = paper(64);
  bed.method_options["reading"] = "literal";
  EXPECT_EQ(bed.run("sync").summary.stop, StopReason::max_rounds);
}

}  // namespace
}  // namespace laggard::testing
