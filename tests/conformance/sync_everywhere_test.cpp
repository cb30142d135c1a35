// sync computes the same iterates whatever the fleet, the stragglers, the seed and the network.
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

Testbed bed_of(int workers) {
  Testbed bed;
  bed.problem = load("heart", workers);
  bed.workers = workers;
  bed.session.max_rounds = 25;
  return bed;
}

TEST(Sync, ThreadsComputeWhatVirtualTimeDoes) {
  for (const int workers : {1, 3, 8}) {
    const Testbed bed = bed_of(workers);
    const auto sim = bed.run("sync"), threads = bed.run("sync", true);
    EXPECT_EQ(sim.summary.iterate_digest, threads.summary.iterate_digest) << workers;
    EXPECT_EQ(sim.rounds.size(), threads.rounds.size());
    for (std::size_t k = 0; k < sim.rounds.size(); ++k) {
      EXPECT_EQ(sim.rounds[k].objective, threads.rounds[k].objective);
      EXPECT_EQ(sim.rounds[k].primal, threads.rounds[k].primal);
      EXPECT_EQ(sim.rounds[k].dual, threads.rounds[k].dual);
    }
  }
}

TEST(Sync, IteratesDependNeitherOnLuckNorOnTheNetwork) {
  Testbed bed = bed_of(8);
  const auto plain = bed.run("sync");
  for (const char* straggler : {"lambda", "pareto", "markov", "persistent", "fixed:1,3,2"}) {
    for (const std::uint64_t seed : {1, 2}) {
      bed.straggler = straggler;
      bed.seed = seed;
      bed.network = function_network();
      bed.cold_start = 0.25;
      const auto outcome = bed.run("sync");
      EXPECT_EQ(outcome.summary.iterate_digest, plain.summary.iterate_digest) << straggler;
      EXPECT_NE(outcome.summary.schedule_digest, plain.summary.schedule_digest) << straggler;
    }
  }
}

TEST(Sync, TheSameRunTwiceIsTheSameToTheLastBit) {
  Testbed bed = bed_of(8);
  bed.straggler = "lambda";
  bed.network = function_network();
  const auto a = bed.run("sync"), b = bed.run("sync");
  EXPECT_EQ(a.summary.iterate_digest, b.summary.iterate_digest);
  EXPECT_EQ(a.summary.schedule_digest, b.summary.schedule_digest);
  EXPECT_EQ(a.summary.fleet_seconds, b.summary.fleet_seconds);
}

// Hard-coded from a first run and equal on every compiler and preset since: task times are given,
// so nothing in the schedule depends on rounding.
TEST(Sync, ScheduleDigestOfFixedTimesIsGolden) {
  Testbed bed = bed_of(8);
  bed.straggler = "fixed:1,1.3,0.7,2.9,1.1,7,0.9,1.7";
  bed.network = function_network();
  bed.cold_start = 0.25;
  bed.method_options = kTextbook;
  bed.session.stopping.rule = StopRule::none;
  EXPECT_EQ(to_hex(bed.run("sync").summary.schedule_digest), "af6850851fa5f834");
}

TEST(Sync, MoreShardsThanWorkersRunInTurn) {
  Testbed bed = bed_of(8);
  const auto wide = bed.run("sync");
  bed.workers = 3;
  const auto narrow = bed.run("sync");
  EXPECT_EQ(narrow.summary.iterate_digest, wide.summary.iterate_digest);
  for (const TaskRow& task : narrow.tasks) EXPECT_EQ(task.worker, task.shard % 3);
}

}  // namespace
}  // namespace laggard::testing
