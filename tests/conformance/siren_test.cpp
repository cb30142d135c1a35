// Workers that write one slot under async, on a fleet.                             [math 11.5]
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace laggard::testing {
namespace {

Testbed siren(int workers, const std::string& order = "overwrite") {
  Testbed bed;
  bed.problem = load("heart", workers, "logistic", "l2:2.7");
  bed.workers = workers;
  bed.method = "local_sgd";
  bed.method_options = {{"batch", std::int64_t{16}}, {"order", order}};
  bed.session.max_rounds = 60;
  bed.session.stopping.rule = StopRule::none;
  return bed;
}

// W = 1: nobody else writes, so a parameter server, a slot and averages are one.
TEST(Siren, OfOneWorkerIsSgdBitForBitOnEveryFleet) {
  Testbed bed = siren(1);
  const auto slot = bed.run("async"), threads = bed.run("async", true);
  EXPECT_EQ(slot.summary.iterate_digest, threads.summary.iterate_digest);
  EXPECT_EQ(slot.summary.writes_lost, 0);
  bed.method_options = {{"batch", std::int64_t{16}}, {"average-every", std::int64_t{1}}};
  EXPECT_EQ(bed.run("sync").summary.iterate_digest, slot.summary.iterate_digest);
  bed.method = "sgd";
  bed.method_options = {{"batch", std::int64_t{16}}};
  EXPECT_EQ(bed.run("sync").summary.iterate_digest, slot.summary.iterate_digest);
  bed.method_options["gradients"] = std::string("fresh");
  bed.session.protocol_options = {{"tau", std::string("none")}};
  EXPECT_EQ(bed.run("async").summary.iterate_digest, slot.summary.iterate_digest);
}

// With a read of their own the workers meet: all read what the last of a round wrote.
TEST(Siren, InLockStepKeepsOneOfWSteps) {
  Testbed bed = siren(3);
  bed.straggler = "fixed:1";
  bed.session.protocol_options = {{"read-delay", 0.5}};
  const auto outcome = bed.run("async");
  ASSERT_EQ(outcome.rounds.size(), 60);
  EXPECT_EQ(to_seconds(outcome.rounds.back().at), 20 + 19 * 0.5);
  for (const TaskRow& task : outcome.tasks) {
    if (task.outcome != Outcome::accepted) continue;
    EXPECT_EQ(task.staleness, task.shard + 1);
  }
  EXPECT_EQ(outcome.summary.writes_lost, 20 * (0 + 1 + 2));
}

// Who swaps has read before it wrote: nothing can land in between.
TEST(Siren, ThatSwapsPaysForADelayWithTimeAlone) {
  for (const char* order : {"overwrite", "swap"}) {
    Testbed bed = siren(3, order);
    bed.straggler = "fixed:1";
    const auto at_once = bed.run("async");
    bed.session.protocol_options = {{"read-delay", 0.5}};
    const auto later = bed.run("async");
    EXPECT_EQ(later.summary.fleet_seconds, at_once.summary.fleet_seconds + 19 * 0.5) << order;
    const bool same = later.summary.iterate_digest == at_once.summary.iterate_digest;
    EXPECT_EQ(same, order == std::string("swap"));
  }
}

// Of reads S after a write, each other worker spoils one with a chance of S by its cycle, if it
// writes at most once in such a time and its phase is anything.
TEST(Siren, FindsAnothersModelAsOftenAsTheGapIsLong) {
  constexpr int kWorkers = 10, kRounds = 8000;
  constexpr double kGap = 0.3e-3;
  Testbed bed = siren(kWorkers);
  bed.straggler = "shifted_exponential";
  bed.session.max_rounds = kRounds;
  bed.session.protocol_options = {{"read-delay", kGap}};
  const auto outcome = bed.run("async");
  std::map<int, WorkerId> writer;  // by update
  for (const TaskRow& task : outcome.tasks)
    if (task.outcome == Outcome::accepted) writer[task.round] = task.worker;
  int reads = 0, foreign = 0;
  for (const TaskRow& task : outcome.tasks) {
    const int read = task.round - task.staleness;
    if (task.outcome != Outcome::accepted || read < kWorkers) continue;
    ++reads;
    foreign += writer.at(read) != task.worker;
  }
  const double cycle = kWorkers * outcome.summary.fleet_seconds / kRounds;
  const double expected = 1 - std::pow(1 - kGap / cycle, kWorkers - 1);
  const double found = foreign / static_cast<double>(reads);
  // Three standard errors of as many draws, and as much again as they depend on each other.
  EXPECT_NEAR(found, expected, 6 * std::sqrt(expected * (1 - expected) / reads)) << reads;
  EXPECT_GT(found, 0.2);
}

// Without a gap nobody finds another's model, whatever the latency is.
TEST(Siren, OfTheStarFindsItsOwnModelWhateverTheLatency) {
  Testbed bed = siren(5);
  bed.straggler = "lambda";
  bed.network = function_network();
  const auto outcome = bed.run("async");
  std::map<int, WorkerId> writer;
  for (const TaskRow& task : outcome.tasks)
    if (task.outcome == Outcome::accepted) writer[task.round] = task.worker;
  int reads = 0;
  for (const TaskRow& task : outcome.tasks) {
    const int read = task.round - task.staleness;
    if (task.outcome != Outcome::accepted || read == 0) continue;
    ++reads;
    EXPECT_EQ(writer.at(read), task.worker) << task.round;
  }
  EXPECT_GT(reads, 40);
}

TEST(Siren, GoesOnFromACheckpointBitForBit) {
  for (const char* order : {"overwrite", "swap"}) {
    Testbed bed = siren(1, order);
    const auto whole = bed.run("async");
    std::string kept;
    bed.session.checkpoint = [&](int round, std::string state) {
      if (round == 23) kept = std::move(state);
    };
    bed.session.checkpoint_every = 23;
    bed.session.max_rounds = 23;
    bed.run("async");
    bed.session.checkpoint = nullptr;
    bed.session.max_rounds = 60;
    bed.resume = kept;
    const auto resumed = bed.run("async");
    EXPECT_EQ(resumed.summary.iterate_digest, whole.summary.iterate_digest) << order;
    EXPECT_EQ(resumed.summary.writes_lost, whole.summary.writes_lost) << order;
  }
}

}  // namespace
}  // namespace laggard::testing
