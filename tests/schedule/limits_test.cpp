// Limits on the work of a run, which mean the same for every protocol.               [math 2]
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

Testbed bed_of(const std::string& protocol) {
  Testbed bed;
  bed.problem = load("heart", protocol == "coded" ? 4 : 8);
  bed.workers = 8;
  bed.straggler = "bimodal:p=0.1,factor=10";
  bed.network = NetworkOptions{};
  bed.session.max_rounds.reset();
  bed.session.stopping.rule = StopRule::none;
  return bed;
}

const std::vector<std::string> kProtocols = {"sync", "async", "partial_barrier", "coded", "backup"};

TEST(Limits, SyncSendsOneTaskAShardAndRound) {
  Testbed bed = bed_of("sync");
  bed.session.max_tasks = 80;
  EXPECT_EQ(bed.run("sync").summary.rounds, 10);
  EXPECT_EQ(bed.run("sync").summary.stop, StopReason::max_tasks);
  bed.session.max_tasks = 81;
  EXPECT_EQ(bed.run("sync").summary.rounds, 11);
  bed.session.max_tasks = 0;
  EXPECT_EQ(bed.run("sync").summary.rounds, 0);
}

TEST(Limits, ARunEndsAtTheFirstUpdateBehindTheLimitOfTasks) {
  for (const std::string& protocol : kProtocols) {
    Testbed bed = bed_of(protocol);
    bed.session.max_tasks = 100;
    const Summary summary = bed.run(protocol).summary;
    EXPECT_EQ(summary.stop, StopReason::max_tasks) << protocol;
    EXPECT_GE(summary.tasks, 100) << protocol;
    EXPECT_LT(summary.tasks, 100 + 2 * 8) << protocol;
    bed.session.max_tasks.reset();
    bed.session.max_rounds = summary.rounds - 1;
    EXPECT_LT(bed.run(protocol).summary.tasks, 100) << protocol;
  }
}

TEST(Limits, TheOneThatComesFirstEndsTheRun) {
  Testbed bed = bed_of("sync");
  bed.session.max_tasks = 80;
  bed.session.max_rounds = 9;
  EXPECT_EQ(bed.run("sync").summary.stop, StopReason::max_rounds);
  bed.session.max_rounds = 11;
  EXPECT_EQ(bed.run("sync").summary.stop, StopReason::max_tasks);
  bed.session.max_passes = 1;
  EXPECT_EQ(bed.run("sync").summary.stop, StopReason::max_passes);
}

// A gradient takes two sweeps over its shard, whatever the protocol and however the rows are split.
TEST(Limits, AGradientOfTheWholeIsTwoPasses) {
  for (const int shards : {1, 3, 8}) {
    Testbed bed = bed_of("sync");
    bed.problem.shards = shards;
    bed.workers = std::min(shards, 3);
    bed.method = "fista";
    bed.session.max_passes = 20;
    const Summary summary = bed.run("sync").summary;
    EXPECT_EQ(summary.rounds, 10) << shards;
    EXPECT_EQ(summary.passes, 20) << shards;
    EXPECT_EQ(summary.stop, StopReason::max_passes);
  }
  // A cyclic code with s = 1: every row is swept by two workers.
  Testbed bed = bed_of("sync");
  bed.straggler = "none";
  bed.method = "fista";
  bed.session.protocol_options = {
      {"code", "cyclic"}, {"redundancy", std::int64_t{1}}, {"superseded", "finish"}};
  bed.session.max_rounds = 10;
  EXPECT_NEAR(bed.run("coded").summary.passes, 10 * 2 * 2, 2 * 2);
}

// Told apart from the runner's own books: by the rows of the tasks and the data.
TEST(Limits, PassesAreThoseOfTheTasksThatHaveAResult) {
  for (const std::string protocol : {"sync", "async", "partial_barrier"})
    for (const bool threads : {false, true}) {
      Testbed bed = bed_of(protocol);
      bed.straggler = "none";
      bed.session.max_passes = 50;
      const auto outcome = bed.run(protocol, threads);
      EXPECT_EQ(outcome.summary.stop, StopReason::max_passes) << protocol;
      double swept = 0;
      for (const TaskRow& task : outcome.tasks)
        swept += static_cast<double>(task.passes) *
                 static_cast<double>(bed.problem.shard(task.shard).nonzeros());
      const double passes = swept / static_cast<double>(bed.problem.data->a.nonzeros());
      EXPECT_NEAR(outcome.summary.passes, passes, 1e-9) << protocol << threads;
      EXPECT_GE(passes, 50);
      EXPECT_LT(passes, 70) << "it ended late";
    }
}

TEST(Limits, AResumedRunCountsWhatWasDoneBefore) {
  Testbed bed = bed_of("sync");
  bed.session.max_passes = 60;
  const Summary whole = bed.run("sync").summary;
  std::string state;
  Testbed cut = bed;
  cut.session.max_tasks = 24;
  cut.session.checkpoint = [&](int, std::string kept) { state = std::move(kept); };
  cut.run("sync");
  bed.resume = state;
  const Summary resumed = bed.run("sync").summary;
  EXPECT_EQ(resumed.rounds, whole.rounds);
  EXPECT_EQ(resumed.passes, whole.passes);
  EXPECT_EQ(resumed.iterate_digest, whole.iterate_digest);
}

TEST(Limits, DataWithoutNonzerosEndToo) {
  Testbed bed = bed_of("sync");
  auto data = std::make_shared<Dataset>(*bed.problem.data);
  std::fill(data->a.row_start.begin(), data->a.row_start.end(), 0);
  data->a.column.resize(0);
  data->a.value.resize(0);
  bed.problem.data = data;
  bed.session.max_passes = 10;
  EXPECT_EQ(bed.run("sync").summary.stop, StopReason::max_passes);
}

}  // namespace
}  // namespace laggard::testing
