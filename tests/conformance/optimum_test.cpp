// Runs reach the optimum that an independent solver found.
#include "core/reference/reference.hpp"
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

struct Case {
  const char* data;
  const char* loss;
  const char* regularizer;
  int features;
  double optimum;  // NaN: the reference solver's
};

// The logistic optima are liblinear's (L1R_LR, C = 1).
const Case kCases[] = {
    {"heart", "logistic", "l1:1", 13, 102.6678275},
    {"a9a", "logistic", "l1:1", 123, 10558.72337},
    {"rcv1_1500", "logistic", "l1:1", 47236, 795.9401674},
    {"mushrooms", "logistic", "l1:1", 126, kNaN},
    {"communities", "squared", "l1:1", 99, kNaN},
    {"communities", "squared", "l2:1", 99, kNaN},
};

class Optimum : public ::testing::TestWithParam<Case> {};

TEST_P(Optimum, IsReachedToAMillionthByFleetsOfFourAndSixteen) {
  const Case& c = GetParam();
  for (const int workers : {4, 16}) {
    Testbed bed;
    bed.problem = load(c.data, workers, c.loss, c.regularizer, c.features);
    bed.workers = workers;
    bed.straggler = "lambda";
    bed.session.stopping.rule = StopRule::none;
    bed.session.reference =
        std::isnan(c.optimum) ? solve_reference(bed.problem, 2).objective : c.optimum;
    bed.session.target_gap = 1e-6;
    bed.session.max_rounds = 3000;
    const auto outcome = bed.run("sync");
    EXPECT_EQ(outcome.summary.stop, StopReason::target_gap)
        << c.data << " gap " << outcome.summary.last.gap;
    EXPECT_GE(outcome.summary.last.gap, -1e-8) << "below an optimum that was proved";
  }
}

INSTANTIATE_TEST_SUITE_P(Data, Optimum, ::testing::ValuesIn(kCases), [](const auto& test) {
  return std::string(test.param.data) + "_" + std::string(test.param.regularizer).substr(0, 2);
});

}  // namespace
}  // namespace laggard::testing
