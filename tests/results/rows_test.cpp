#include "core/results/rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace laggard {
namespace {

using ::testing::EndsWith;

std::string seconds(Time time) {
  std::string text;
  append_seconds(text, time);
  return text;
}

template <class Row>
std::string line(const Row& row) {
  std::string text;
  append_row(text, row);
  return text;
}

auto columns(std::string_view text) { return std::count(text.begin(), text.end(), ','); }

TEST(Rows, TimesKeepEveryNanosecondAndNoTrailingZero) {
  EXPECT_EQ(seconds(Time(0)), "0");
  EXPECT_EQ(seconds(Time(1)), "0.000000001");
  EXPECT_EQ(seconds(Time(1'500'000'000)), "1.5");
  EXPECT_EQ(seconds(Time(20'000'000'000)), "20");
  EXPECT_EQ(seconds(Time(-2'000'000'100)), "-2.0000001");
  EXPECT_EQ(seconds(kForever), "");
}

TEST(Rows, IterationsHaveFullPrecisionAndBlanksForWhatIsMissing) {
  RoundRow row;
  row.round = 3;
  row.at = Time(404'738'000);
  row.wall_seconds = 0.25;
  row.objective = 0.1 + 0.2;
  row.gap = kNaN;
  row.primal = kInfinity;
  row.dual = 1e-300;
  row.rho = 2;
  row.accepted = 16;
  row.discarded = 1;
  row.staleness_max = 4;
  row.age_max = 5;
  row.bytes_up = 1'000'000'000'000;
  row.bytes_down = 7;
  EXPECT_EQ(line(row),
            "3,0.404738,0.25,0.30000000000000004,,,1e-300,2,16,1,4,5,1000000000000,7,,,,\n");
  EXPECT_EQ(columns(line(row)), columns(kIterationsHeader));
  row.decode_rms = 0.25;
  row.decode_error = 1;
  row.decode_weight = 0.9375;
  row.disagreement = 0.5;
  EXPECT_THAT(line(row), EndsWith(",7,0.25,1,0.9375,0.5\n"));
}

TEST(Rows, DerivedTimesOfATaskFollowTheirDefinitions) {
  TaskRow row;
  row.round = 2;
  row.worker = 5;
  row.shard = 6;
  row.dispatched = Time(1'000'000'000);
  row.started = Time(1'100'000'000);
  row.pause = Time(50'000'000);
  row.finished = Time(1'400'000'000);
  row.arrived = Time(1'600'000'000);
  row.idle = Time(500'000'000);
  row.passes = 9;
  row.inner_iterations = 4;
  row.dense_work = 25;
  row.staleness = 1;
  row.outcome = Outcome::accepted;
  // compute .3 - .05, delay .6, communication .6 - .3, queueing .5 - .3
  EXPECT_EQ(line(row), "2,5,6,1,1.1,1.4,1.6,0.25,0.05,0.5,0.6,0.3,0.2,9,4,25,1,accepted\n");
  EXPECT_EQ(columns(line(row)), columns(kWorkersHeader));
}

// Sent at 1 s while the worker computes until 1.4 s: it has not idled, and there is no queueing.
TEST(Rows, ATaskThatWaitedAtItsWorkerHasNoNegativeTime) {
  TaskRow row;
  row.dispatched = Time(1'000'000'000);
  row.started = Time(1'400'000'000);
  row.pause = Time(0);
  row.finished = Time(1'500'000'000);
  row.arrived = Time(1'600'000'000);
  row.idle = Time(0);
  EXPECT_EQ(line(row), "0,0,0,1,1.4,1.5,1.6,0.1,0,0,0.6,0.5,0,0,0,0,0,unfinished\n");
}

TEST(Rows, WhatNeverHappenedIsBlankInATask) {
  TaskRow row;
  row.dispatched = Time(0);
  row.started = Time(5);
  EXPECT_EQ(line(row), "0,0,0,0,0.000000005,,,,,,,,,0,0,0,0,unfinished\n");
}

TEST(Rows, ASolutionListsEveryFeatureFromOne) {
  Vector z(3);
  z << 0.5, 0, -1e-9;
  EXPECT_EQ(solution_rows(z), "1,0.5\n2,0\n3,-1e-09\n");
}

TEST(Rows, EveryOutcomeAndStopReasonHasAName) {
  EXPECT_EQ(to_string(Outcome::revoked), "revoked");
  EXPECT_EQ(to_string(Outcome::failed), "failed");
  EXPECT_EQ(to_string(StopReason::converged), "converged");
  EXPECT_EQ(to_string(StopReason::rule_holds), "rule_holds");
  EXPECT_EQ(to_string(StopReason::fleet_failed), "fleet_failed");
}

TEST(Rows, ALifeTellsItsColdStartAndItsEndInOneField) {
  LifeRow row;
  row.key = {3, 2};
  row.invoked = Time(1'000'000'000);
  row.connected = Time(1'500'000'000);
  row.ready = Time(1'750'000'000);
  row.cold = false;
  row.end = "lost, it said \"x\"";
  EXPECT_EQ(line(row), "3,2,1,1.5,1.75,,0.75,0,\"lost, it said \"\"x\"\"\"\n");
  EXPECT_EQ(columns(line(LifeRow())), columns(kFleetHeader));
}

TEST(Rows, AWorkerWithoutLivesHasBlanksForThem) {
  WorkerRow row;
  row.worker = 4;
  row.tasks = 2;
  row.delay.add(Time(3));
  row.delay.add(Time(6));
  row.responsiveness = 0.25;
  EXPECT_EQ(line(row), "4,2,,,,0.000000004,,,,0.25,,,\n");
  EXPECT_EQ(columns(line(row)), columns(kPerWorkerHeader));
  row.starts = 3;
  row.hand_overs = 1;
  EXPECT_EQ(line(row), "4,2,,,,0.000000004,,,,0.25,3,1,0\n");
}

}  // namespace
}  // namespace laggard
