// How a run ends.
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

// Answers with a chosen x'.
class Scripted : public WorkerHalf {
 public:
  explicit Scripted(double first, double growth = 1) : value_(first), growth_(growth) {}
  Contribution compute(const Task& task, Workspace&, const std::atomic<bool>&) const override {
    Contribution out;
    out.vectors.push_back(Vector::Constant(task.z->size(), value_));
    value_ *= growth_;
    out.passes = 2;
    return out;
  }
  int features() const override { return 2; }
  std::int64_t nonzeros(const Task&) const override { return 1; }
  std::int64_t shard_bytes(ShardId) const override { return 0; }
  std::int64_t min_passes() const override { return 2; }

 private:
  mutable double value_;
  double growth_;
};

Testbed bed_of(const WorkerHalf& half) {
  Testbed bed;
  bed.problem = synthetic("n=10,d=2,density=1", 1, "squared", "none");
  bed.half = &half;
  return bed;
}

TEST(Session, ANonFiniteIterateStopsTheRun) {
  const Scripted half(kNaN);
  const auto outcome = bed_of(half).run("sync");
  EXPECT_EQ(outcome.summary.stop, StopReason::not_finite);
  EXPECT_EQ(outcome.summary.rounds, 1);
}

TEST(Session, ARunawayObjectiveStopsTheRun) {
  const Scripted half(1, 10);
  Testbed bed = bed_of(half);
  bed.session.stopping.rule = StopRule::none;
  const auto outcome = bed.run("sync");
  EXPECT_EQ(outcome.summary.stop, StopReason::diverged);
  EXPECT_GT(outcome.summary.last.objective, 1e6);
}

TEST(Session, TheTargetGapStopsAtTheFirstRoundThatMeetsIt) {
  for (const bool threads : {false, true}) {
    Testbed bed;
    bed.problem = load("heart", 4);
    bed.workers = 4;
    bed.session.stopping.rule = StopRule::none;
    bed.session.reference = 102.66782752699845;
    bed.session.target_gap = 1e-3;
    const auto outcome = bed.run("sync", threads);
    EXPECT_EQ(outcome.summary.stop, StopReason::target_gap);
    const auto met = std::find_if(outcome.rounds.begin(), outcome.rounds.end(),
                                  [](const RoundRow& row) { return row.gap <= 1e-3; });
    ASSERT_NE(met, outcome.rounds.end());
    EXPECT_EQ(met->round, outcome.summary.rounds);
    EXPECT_EQ(outcome.rounds.size(), static_cast<std::size_t>(outcome.summary.rounds));
    for (std::size_t k = 0; k < outcome.rounds.size(); ++k)
      EXPECT_EQ(outcome.rounds[k].round, static_cast<int>(k) + 1);
  }
}

// On a real fleet phi is evaluated beside the run, here in a hundred times the time of a round.
TEST(Session, AVerdictThatComesLateEndsTheRunWhereItApplies) {
  Summary summary[2];
  for (const bool threads : {false, true}) {
    const Scripted half(1, 1.01);
    Testbed bed = bed_of(half);
    bed.problem = synthetic("n=50000,d=2,density=1", 1, "squared", "none");
    bed.session.stopping.rule = StopRule::none;
    bed.session.max_rounds = 5000;
    const auto outcome = bed.run("sync", threads);
    summary[threads] = outcome.summary;
    EXPECT_EQ(outcome.rounds.size(), static_cast<std::size_t>(outcome.summary.rounds));
    EXPECT_EQ(outcome.summary.last.round, outcome.summary.rounds);
  }
  EXPECT_EQ(summary[1].stop, StopReason::diverged);
  EXPECT_EQ(summary[1].rounds, summary[0].rounds);
  EXPECT_EQ(summary[1].iterate_digest, summary[0].iterate_digest);
  EXPECT_EQ(summary[1].z, summary[0].z);
  EXPECT_GT(summary[1].tasks, summary[0].tasks) << "no verdict was late";
}

TEST(Session, TheFirstOfTwoRulesStops) {
  Testbed bed;
  bed.problem = load("heart", 4);
  bed.workers = 4;
  bed.session.reference = 102.66782752699845;
  bed.session.target_gap = 1e-2;
  EXPECT_EQ(bed.run("sync").summary.stop, StopReason::target_gap);
  bed.session.target_gap = 1e-14;
  EXPECT_EQ(bed.run("sync").summary.stop, StopReason::converged);
  bed.session.stopping.rule = StopRule::boyd;
  EXPECT_EQ(bed.run("sync").summary.stop, StopReason::rule_holds);
}

TEST(Session, ATargetMetInTheLastRoundCountsOnEveryFleet) {
  Testbed bed;
  bed.problem = load("heart", 4);
  bed.workers = 4;
  bed.session.stopping.rule = StopRule::none;
  bed.session.reference = 102.66782752699845;
  bed.session.target_gap = 1e-4;
  bed.session.max_rounds = bed.run("sync").summary.rounds;
  for (const bool threads : {false, true}) {
    const Summary summary = bed.run("sync", threads).summary;
    EXPECT_EQ(summary.stop, StopReason::target_gap) << threads;
    EXPECT_EQ(summary.rounds, bed.session.max_rounds);
  }
}

TEST(Session, ARunWithoutRoundsReportsTheGapOfZero) {
  Testbed bed;
  bed.problem = load("heart", 2);
  bed.workers = 2;
  bed.session.max_rounds = 0;
  bed.session.reference = 100;
  EXPECT_NEAR(bed.run("sync").summary.last.gap, (270 * std::log(2) - 100) / 100, 1e-12);
}

TEST(Session, AnInterruptKeepsWhatWasComputed) {
  const std::atomic<bool> interrupted{true};
  Testbed bed;
  bed.problem = load("heart", 2);
  for (const bool threads : {false, true}) {
    const MethodHalves halves = halves_of("admm", bed.problem);
    bed.workers = 2;
    const auto fleet = threads ? bed.threads(*halves.worker) : bed.sim(*halves.worker);
    Testbed::Outcome outcome;
    laggard::Run session(*fleet, bed.problem, *halves.coordinator, {}, outcome, interrupted);
    const Summary summary = session.run(protocols().at("sync"));
    EXPECT_EQ(summary.stop, StopReason::interrupted);
    EXPECT_EQ(summary.rounds, 0);
    EXPECT_EQ(outcome.tasks.size(), 2u);
  }
}

TEST(Session, SmallResidualsMeanOptimality) {
  Testbed bed;
  bed.problem = load("heart", 4);
  bed.workers = 4;
  bed.session.stopping.rule = StopRule::boyd;
  bed.session.stopping.eps_abs = 1e-9;
  bed.session.stopping.eps_rel = 0;
  const auto outcome = bed.run("sync");
  EXPECT_EQ(outcome.summary.stop, StopReason::rule_holds);
  EXPECT_NEAR(outcome.summary.last.objective, 102.66782752699845, 1e-9);
  EXPECT_LE(outcome.summary.kkt, 1e-6);
}

}  // namespace
}  // namespace laggard::testing
