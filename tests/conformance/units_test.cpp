// The units in which features are measured are no affair of the method's.  [math 2, weights]
#include "core/reference/reference.hpp"
#include "tests/support/testbed.hpp"

#include <fmt/format.h>

#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

// heart with feature j times unit(j), and l1 of lambda.
template <class Unit>
Testbed bed_of(double lambda, Unit unit) {
  Testbed bed;
  bed.problem = load("heart", 8, "logistic", fmt::format("l1:{}", lambda));
  bed.workers = 8;
  Dataset data = *bed.problem.data;
  for (std::ptrdiff_t k = 0; k < static_cast<std::ptrdiff_t>(data.a.value.size()); ++k)
    data.a.value[k] *= unit(static_cast<int>(data.a.column[k]));
  bed.problem.data = std::make_shared<Dataset>(std::move(data));
  bed.session.stopping.rule = StopRule::none;
  bed.session.target_gap = 1e-6;
  bed.session.max_rounds = 5000;
  return bed;
}

// With all features times c and lambda times c it is the same problem, in x / c.
TEST(Units, AllFeaturesInOtherUnitsTakeTheSameRounds) {
  constexpr double kOptimum = 102.6678275;  // liblinear's
  for (const char* solver : {"newton_cg", "fista"}) {
    int rounds = 0;
    for (const double c : {1.0, 1e-6, 1e-3, 1e3, 1e6}) {
      Testbed bed = bed_of(c, [c](int) { return c; });
      bed.method_options["solver"] = solver;
      if (std::string(solver) == "fista") bed.method_options["eps-g"] = 1e-4 * c;
      bed.session.reference = kOptimum;
      const Summary summary = bed.run("sync").summary;
      EXPECT_EQ(summary.stop, StopReason::target_gap) << solver << " " << c;
      if (c == 1) rounds = summary.rounds;
      EXPECT_LE(std::abs(summary.rounds - rounds), 0.2 * rounds) << solver << " " << c;
    }
  }
}

TEST(Units, FeaturesOfUnlikeUnitsConverge) {
  Testbed bed = bed_of(1, [](int j) { return std::pow(10.0, j % 5 - 2); });
  bed.session.reference = solve_reference(bed.problem, 2).objective;
  for (const char* protocol : {"sync", "async", "partial_barrier"}) {
    const Summary summary = bed.run(protocol).summary;
    EXPECT_EQ(summary.stop, StopReason::target_gap) << protocol << " " << summary.last.gap;
  }
}

}  // namespace
}  // namespace laggard::testing
