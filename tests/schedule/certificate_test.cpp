// `converged` is said of what is proved to be near the optimum, and of nothing else.     [math 3.3]
#include "core/reference/reference.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/small_problem.hpp"
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace laggard::testing {
namespace {

constexpr double kRounding = 1e-12;

// The bundled data in other units.
Problem scaled_heart(double unit, const std::string& loss, const std::string& regularizer) {
  Problem problem = load("heart", 4, loss, regularizer);
  auto data = std::make_shared<Dataset>(*problem.data);
  for (double& value : data->a.value) value *= unit;
  problem.data = data;
  return problem;
}

Testbed bed_of(Problem problem) {
  Testbed bed;
  bed.problem = std::move(problem);
  bed.workers = bed.problem.shards;
  return bed;
}

// The gap to an optimum that the reference solver has certified in its own way.
double true_gap(const Testbed& bed, const Summary& summary) {
  return relative_gap(summary.last.objective, solve_reference(bed.problem, 1).objective);
}

using Pair = std::tuple<std::string, std::string>;

class Converged : public ::testing::TestWithParam<Pair> {};

TEST_P(Converged, IsSaidWithinTheCertifiedGapOnly) {
  const auto& [loss, regularizer] = GetParam();
  for (const auto& [rows, columns] : {std::pair{200, 10}, {80, 25}}) {
    Testbed bed = bed_of(make_problem(small_data(rows, columns, 0.5, 11), loss, regularizer));
    bed.problem.shards = bed.workers = 4;
    bed.session.max_rounds = 4000;
    for (const char* method : {"admm", "linearized_admm", "fista", "agd", "nesterov"}) {
      if (needs_smooth(method) && !bed.problem.regularizer->smooth_curvature()) continue;
      bed.method = method;
      for (const double enough : {1e-4, 1e-7}) {
        SCOPED_TRACE(fmt::format("{} {} {}", method, columns, enough));
        bed.session.stopping.eps_gap = enough;
        const Summary summary = bed.run("sync").summary;
        EXPECT_EQ(summary.stop, StopReason::converged) << summary.certified_gap;
        EXPECT_LE(summary.certified_gap, enough);
        EXPECT_LE(true_gap(bed, summary), summary.certified_gap + kRounding);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, Converged,
    ::testing::Combine(::testing::Values("logistic", "squared", "huber:0.5", "squared_hinge"),
                       ::testing::Values("none", "l1:0.3", "l2:0.3", "elastic_net:0.3,0.2",
                                         "box:-0.1,0.3", "nonnegative", "group_l2:0.5,3")),
    [](const auto& test) {
      return case_name("{}_{}", std::get<0>(test.param), std::get<1>(test.param));
    });

// With the textbooks' rho = 1 the iterates hardly move, and their residuals are small from the
// first round on.
TEST(Certificate, DataInSmallUnitsDoesNotConvergeByStandingStill) {
  for (const char* regularizer : {"l1:1e-7", "l2:1e-14", "none", "nonnegative"})
    for (const char* loss : {"logistic", "squared", "huber:0.5", "squared_hinge"}) {
      SCOPED_TRACE(fmt::format("{} {}", loss, regularizer));
      Testbed bed = bed_of(scaled_heart(1e-7, loss, regularizer));
      bed.method_options["rho-policy"] = "residual_balancing:mu=10,factor=2";  // from rho = 1 on
      bed.session.stopping.rule = StopRule::boyd;
      const Summary stood_still = bed.run("sync").summary;
      EXPECT_EQ(stood_still.stop, StopReason::rule_holds);
      EXPECT_EQ(stood_still.rounds, 1);
      EXPECT_GT(true_gap(bed, stood_still), 0.1);
      EXPECT_NEAR(stood_still.certified_gap, true_gap(bed, stood_still), 1e-5);
      bed.session.stopping.rule = StopRule::certified;
      bed.session.max_rounds = 200;
      const Summary certified = bed.run("sync").summary;
      EXPECT_EQ(certified.stop, StopReason::max_rounds);
      EXPECT_GT(certified.certified_gap, 1e-2);
    }
}

// Seen to stop by residuals at gaps of 1e-3 and more.
TEST(Certificate, MoreFeaturesThanSamplesConvergeOnceTheyHave) {
  const auto data = small_data(100, 2000, 0.1, 2);
  for (const auto& [loss, regularizer] :
       {std::pair{"squared", "l1:0.1"}, {"squared", "l2:0.001"}, {"logistic", "l2:0.001"}}) {
    SCOPED_TRACE(fmt::format("{} {}", loss, regularizer));
    Testbed bed = bed_of(make_problem(data, loss, regularizer));
    bed.problem.shards = bed.workers = 4;
    bed.session.max_rounds = 5000;
    const Summary summary = bed.run("sync").summary;
    EXPECT_EQ(summary.stop, StopReason::converged);
    EXPECT_LE(summary.certified_gap, 1e-4);
    EXPECT_LE(true_gap(bed, summary), summary.certified_gap + kRounding);
  }
}

TEST(Certificate, OfARunByResidualsIsToldAndChangesNothing) {
  for (const StopRule rule : {StopRule::boyd, StopRule::paper, StopRule::absolute}) {
    Testbed bed = bed_of(load("heart", 4));
    bed.session.stopping.rule = rule;
    const Summary summary = bed.run("sync").summary;
    EXPECT_EQ(summary.stop, StopReason::rule_holds) << to_string(rule);
    EXPECT_GE(summary.certified_gap, true_gap(bed, summary) - kRounding);
    EXPECT_LE(summary.certified_gap, true_gap(bed, summary) + 1e-5);
    bed.session.stopping.rule = StopRule::none;
    bed.session.max_rounds = summary.rounds;
    const Summary same = bed.run("sync").summary;
    EXPECT_EQ(same.iterate_digest, summary.iterate_digest);
    EXPECT_TRUE(std::isnan(same.certified_gap)) << "nobody asked";
  }
}

// A run ends although its rule never holds: soon after its gap is small enough, as a run with a
// known optimum would.
TEST(Certificate, DoesNotWaitForARuleThatIsTooTight) {
  Testbed bed = bed_of(load("mushrooms", 4));
  bed.session.stopping.eps_abs = bed.session.stopping.eps_rel = 0;
  const Summary summary = bed.run("sync").summary;
  EXPECT_EQ(summary.stop, StopReason::converged);
  bed.session.stopping.rule = StopRule::none;
  bed.session.reference = solve_reference(bed.problem, 2).objective;
  bed.session.target_gap = 1e-4;
  const int first = bed.run("sync").summary.rounds;
  EXPECT_GE(summary.rounds, first);
  EXPECT_LE(summary.rounds, first + first / 10);
}

// On a real fleet the certificate comes late, yet the run ends where it applies.
TEST(Certificate, EndsARunAtTheSameUpdateOnEveryFleet) {
  for (const char* protocol : {"sync", "coded"}) {
    Testbed bed = bed_of(load("a9a", 4));
    if (protocol == std::string("coded")) bed.workers = 8;
    const Summary sim = bed.run(protocol).summary, threads = bed.run(protocol, true).summary;
    EXPECT_EQ(sim.stop, StopReason::converged);
    EXPECT_EQ(threads.stop, StopReason::converged);
    EXPECT_EQ(sim.rounds, threads.rounds);
    EXPECT_EQ(sim.iterate_digest, threads.iterate_digest);
    EXPECT_EQ(sim.certified_gap, threads.certified_gap);
    EXPECT_EQ(sim.z, threads.z);
  }
}

TEST(Certificate, GoesWithFloatsOnTheWire) {
  Testbed bed = bed_of(load("heart", 4));
  bed.precision = Precision::f32;
  const Summary summary = bed.run("sync").summary;
  EXPECT_EQ(summary.stop, StopReason::converged);
  EXPECT_LE(true_gap(bed, summary), summary.certified_gap + kRounding);
}

TEST(Certificate, OfARunThatEndsAtALimitIsTold) {
  Testbed bed = bed_of(load("heart", 4));
  bed.session.max_rounds = 3;
  const Summary summary = bed.run("sync").summary;
  EXPECT_EQ(summary.stop, StopReason::max_rounds);
  EXPECT_NEAR(summary.certified_gap, true_gap(bed, summary), 1e-5);
}

TEST(Certificate, IsLookedForWhereTheLimitOfTasksEndsTheRun) {
  Testbed bed = bed_of(load("heart", 4));
  bed.session.max_tasks = 15 * 4;  // the next look would be at round 16
  const Summary summary = bed.run("sync").summary;
  EXPECT_EQ(summary.stop, StopReason::converged);
  EXPECT_EQ(summary.rounds, 15);
  EXPECT_LE(summary.certified_gap, 1e-4);
}

TEST(Certificate, IsNotLookedForInEveryRoundThatHolds) {
  Testbed bed = bed_of(load("heart", 4));
  bed.session.max_rounds.reset();
  const MethodHalves halves = halves_of("admm", bed.problem);
  const auto fleet = bed.sim(*halves.worker);
  const std::atomic<bool> never{false};
  Verdict verdict(bed.session, *fleet, never, [] {});
  Residuals holds;  // both are 0
  holds.all_accepted = true;
  int looks = 0;
  for (int round = 1; round <= 10'000; ++round)
    looks += verdict.proposes({.rounds = round}, holds, 13);
  EXPECT_LE(looks, 20 + std::log(10'000.0 / 20) / std::log(1.09)) << "a tenth more rounds each";
  Verdict other(bed.session, *fleet, never, [] {});
  std::vector<int> rounds;
  for (int round = 1; round <= 200; ++round)
    if (other.proposes({.rounds = round}, Residuals{}, 13)) rounds.push_back(round);
  EXPECT_EQ(rounds, (std::vector<int>{16, 32, 64, 128})) << "the rule never holds";
}

}  // namespace
}  // namespace laggard::testing
