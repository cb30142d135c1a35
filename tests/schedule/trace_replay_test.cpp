// A recorded run met again: the same schedule to the nanosecond.
#include "core/results/recorder.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

Testbed bed_with_network(const std::string& straggler) {
  Testbed bed;
  bed.problem = synthetic("n=600,d=20,density=0.3", 8);
  bed.workers = 8;
  bed.straggler = straggler;
  bed.network = function_network();
  bed.cold_start = 0.25;
  bed.session.max_rounds = 40;
  bed.session.stopping.rule = StopRule::none;
  return bed;
}

void record(const Testbed::Outcome& outcome, const std::filesystem::path& directory) {
  Recorder recorder(directory, false, "{}");
  for (const RoundRow& row : outcome.rounds) recorder.on_round(row);
  for (const TaskRow& row : outcome.tasks) recorder.on_task(row);
  recorder.finish(outcome.summary, "{}");
}

// Runs, records, and replays on the same network.
void expect_replayed(Testbed bed, const std::string& protocol) {
  const auto first = bed.run(protocol);
  TemporaryDirectory temporary;
  record(first, temporary / "run");
  bed.straggler = "trace:" + (temporary / "run/workers.csv.gz").string();
  const auto again = bed.run(protocol);
  EXPECT_EQ(again.summary.schedule_digest, first.summary.schedule_digest);
  EXPECT_EQ(again.summary.iterate_digest, first.summary.iterate_digest);
  EXPECT_EQ(again.summary.fleet_seconds, first.summary.fleet_seconds);
  ASSERT_EQ(again.tasks.size(), first.tasks.size());
  for (std::size_t i = 0; i < first.tasks.size(); ++i) {
    EXPECT_EQ(again.tasks[i].started, first.tasks[i].started) << i;
    EXPECT_EQ(again.tasks[i].finished, first.tasks[i].finished) << i;
    EXPECT_EQ(again.tasks[i].outcome, first.tasks[i].outcome) << i;
  }
}

TEST(TraceReplay, IsExactUnderEveryProtocol) {
  for (const char* protocol : {"sync", "async", "partial_barrier", "backup"}) {
    SCOPED_TRACE(protocol);
    expect_replayed(bed_with_network("lambda"), protocol);
    expect_replayed(bed_with_network("bimodal:p=0.2,factor=30"), protocol);
  }
}

TEST(TraceReplay, IsExactForTasksThatWereToldToStop) {
  for (const char* model : {"lambda", "bimodal:p=0.2,factor=30", "shifted_exponential"}) {
    SCOPED_TRACE(model);
    Testbed bed = bed_with_network(model);
    bed.problem.shards = 4;
    expect_replayed(bed, "coded");
    bed = bed_with_network(model);
    bed.session.protocol_options["superseded"] = "preempt";
    expect_replayed(bed, "partial_barrier");
  }
}

TEST(TraceReplay, RepeatsTheCrashesOfWorkers) {
  expect_replayed(bed_with_network("lambda+crash:p=0.02"), "sync");
  expect_replayed(bed_with_network("lambda+crash:p=0.02"), "async");
}

TEST(TraceReplay, DoesNotDependOnTheWork) {
  Testbed bed = bed_with_network("lambda");
  const auto first = bed.run("sync");
  TemporaryDirectory temporary;
  record(first, temporary / "run");
  bed.straggler = "trace:" + (temporary / "run/workers.csv.gz").string();
  bed.method_options["newton-steps"] = std::int64_t{1};
  const auto again = bed.run("sync");
  EXPECT_NE(again.summary.iterate_digest, first.summary.iterate_digest);
  EXPECT_EQ(again.summary.schedule_digest, first.summary.schedule_digest);
}

}  // namespace
}  // namespace laggard::testing
