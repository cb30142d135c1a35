#include "core/results/worker_statistics.hpp"

#include "core/results/cost.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace laggard {
namespace {

constexpr Time s(double seconds) { return Time(static_cast<std::int64_t>(seconds * 1e9)); }

// Sent at 0, computed for `compute` from 1 s on without a pause, back after `delay`.
TaskRow task(int round, WorkerId worker, double delay, double compute = 1,
             Outcome outcome = Outcome::accepted) {
  TaskRow row;
  row.round = round;
  row.worker = worker;
  row.dispatched = s(0);
  row.started = s(1);
  row.pause = s(0);
  row.finished = s(1 + compute);
  row.arrived = s(delay);
  row.outcome = outcome;
  return row;
}

TEST(WorkerStatistics, MeansAreOverTheTasksThatHaveTheTime) {
  WorkerStatistics statistics(2);
  TaskRow first = task(1, 0, 4, 2);   // communication 2, no idle
  TaskRow second = task(2, 0, 8, 3);  // communication 5
  second.idle = s(6);                 // queueing 1
  second.pause = s(0.5);              // compute 2.5
  TaskRow lost;
  lost.round = 2;
  lost.outcome = Outcome::unfinished;
  for (const TaskRow& row : {first, second, lost}) statistics.add(row);
  statistics.end_startup(s(-5));  // the idle time of `second` began then
  const WorkerRow row = statistics.rows({})[0];
  EXPECT_EQ(row.tasks, 3);
  EXPECT_EQ(row.compute.mean(), s(2.25));
  EXPECT_EQ(row.pause.mean(), s(0.25));
  EXPECT_EQ(row.idle.mean(), s(6));
  EXPECT_EQ(row.delay.mean(), s(6));
  EXPECT_EQ(row.communication.mean(), s(3.5));
  EXPECT_EQ(row.queueing.mean(), s(1));
  EXPECT_EQ(row.cold_start.mean(), kForever);
  EXPECT_EQ(statistics.rows({})[1].compute.mean(), kForever);
}

// Start-up ends at 10 s, which is known once five tasks are told; two began to wait then or later.
TEST(WorkerStatistics, WaitingThatBeganInStartUpIsNotCounted) {
  WorkerStatistics statistics(2);
  const auto told = [&](WorkerId worker, double sent, double started, double idle) {
    TaskRow row;
    row.worker = worker;
    row.dispatched = s(sent);
    row.started = s(started);
    row.pause = s(0);
    row.finished = s(started + 1);
    row.arrived = s(started + 1.5);
    row.idle = idle < 0 ? kForever : s(idle);
    statistics.add(row);
  };
  told(0, 0, 2, -1);         // sent 2 s before its worker was there
  told(0, 4, 4.5, 1.5);      // idle since 3 s
  told(1, 0, 10, -1);        // the last shard
  told(0, 11, 11.25, 5.75);  // sent when start-up was over, but idle since 5.5 s
  told(1, 12, 12.5, 1.5);    // idle since 11 s
  statistics.end_startup(s(10));
  told(0, 15, 16, 3.75);  // idle since 12.25 s
  const auto rows = statistics.rows({});
  EXPECT_EQ(rows[0].tasks, 4);
  EXPECT_EQ(rows[0].compute.mean(), s(1)) << "of all tasks";
  EXPECT_EQ(rows[0].compute.count, 4);
  EXPECT_EQ(rows[0].idle.sum, s(3.75));
  EXPECT_EQ(rows[0].idle.count, 1);
  EXPECT_EQ(rows[0].delay.sum, s(1.75 + 2.5));
  EXPECT_EQ(rows[0].communication.sum, s(0.75 + 1.5));
  EXPECT_EQ(rows[0].queueing.sum, s(3.75 - 1.5));
  EXPECT_EQ(rows[1].idle.sum, s(1.5));
  EXPECT_EQ(rows[1].delay.sum, s(2));
  EXPECT_EQ(rows[1].queueing.sum, s(0.5));
}

TEST(WorkerStatistics, OfARunThatIsAllStartUpNoWaitingIsCounted) {
  WorkerStatistics statistics(1);
  statistics.add(task(1, 0, 4));
  const WorkerRow row = statistics.rows({})[0];
  EXPECT_EQ(row.delay.mean(), kForever);
  EXPECT_EQ(row.compute.mean(), s(1));
  EXPECT_EQ(row.slow_rounds, 1) << "it is the slowest all the same";
}

// 11 reports: the 2 slowest. 10 reports: the slowest.
TEST(WorkerStatistics, TheSlowestTenthIsRoundedUp) {
  WorkerStatistics statistics(11);
  for (WorkerId w = 0; w < 11; ++w) statistics.add(task(1, w, 2 + w));   // slow: 9, 10
  for (WorkerId w = 0; w < 10; ++w) statistics.add(task(2, w, 20 - w));  // slow: 0
  const auto rows = statistics.rows({});
  for (WorkerId w = 0; w < 11; ++w) {
    const bool slow = w == 0 || w >= 9;
    EXPECT_EQ(rows[static_cast<std::size_t>(w)].responsiveness, slow ? 0.5 : 0.0) << w;
  }
}

TEST(WorkerStatistics, LateAndRevokedReportsCountAndLostOnesDoNot) {
  WorkerStatistics statistics(3);
  statistics.add(task(1, 0, 3));
  statistics.add(task(1, 1, 9, 1, Outcome::revoked));
  statistics.add(task(2, 0, 3));
  statistics.add(task(2, 1, 5, 1, Outcome::discarded));
  statistics.add(task(3, 0, 3));
  statistics.add(task(3, 2, 9, 1, Outcome::failed));
  const auto rows = statistics.rows({});
  EXPECT_EQ(rows[0].slow_rounds, 1);
  EXPECT_EQ(rows[1].slow_rounds, 2);
  EXPECT_EQ(rows[2].slow_rounds, 0);
  EXPECT_DOUBLE_EQ(rows[1].responsiveness, 2.0 / 3);
}

TEST(WorkerStatistics, OfEqualDelaysTheLastToldIsTheSlowerAndAWorkerCountsOnceARound) {
  WorkerStatistics statistics(2);
  statistics.add(task(1, 0, 3));
  statistics.add(task(1, 1, 3));
  for (int i = 0; i < 11; ++i) statistics.add(task(2, 1, 3));  // two slow reports of one worker
  const auto rows = statistics.rows({});
  EXPECT_EQ(rows[0].slow_rounds, 0);
  EXPECT_EQ(rows[1].slow_rounds, 2);
}

LifeRow life(WorkerId worker, int incarnation, double invoked, double ready, double ended,
             const std::string& end) {
  LifeRow row;
  row.key = {worker, incarnation};
  row.invoked = s(invoked);
  row.connected = row.ready = s(ready);
  row.ended = s(ended);
  row.end = end;
  return row;
}

TEST(WorkerStatistics, LivesAreCountedByTheirEnd) {
  std::vector<LifeRow> lives = {
      life(0, 1, 0, 1, 10, "handed over"), life(0, 2, 8, 10, 15, "its connection ended"),
      life(0, 3, 15, 15.5, 20, "goodbye"), life(1, 1, 0, 2, 20, "goodbye")};
  LifeRow refused;  // never connected
  refused.key = {1, 2};
  refused.invoked = s(3);
  refused.ended = s(4);
  refused.end = "throttled";
  lives.push_back(refused);
  const auto rows = WorkerStatistics(2).rows(lives);
  EXPECT_EQ(rows[0].starts, 3);
  EXPECT_EQ(rows[0].hand_overs, 1);
  EXPECT_EQ(rows[0].losses, 1);
  EXPECT_EQ(rows[0].cold_start.mean(), Time(3'500'000'000 / 3));
  EXPECT_EQ(rows[1].starts, 2);
  EXPECT_EQ(rows[1].losses, 0);
  const WorkerRow all = total(rows);
  EXPECT_EQ(all.starts, 5);
  EXPECT_EQ(all.hand_overs, 1);
  EXPECT_EQ(all.cold_start.mean(), Time(5'500'000'000 / 4));
}

TEST(Cost, LivesAreRoundedUpToAMillisecondEach) {
  std::vector<LifeRow> lives = {life(0, 1, 0, 1, 2, ""), life(1, 1, 0, 1, 0, "")};
  lives[0].ended += Time(1);  // 2001 ms
  lives[1].ended = kForever;  // lives on: 3000 ms of the run
  FleetCost fleet;
  fleet.memory_mb = 2048;
  fleet.requests = 5;
  const Cost cost = cost_of(fleet, lives, s(3));
  EXPECT_DOUBLE_EQ(cost.estimated_gb_seconds, 5.001 * 2);
  EXPECT_EQ(cost.requests, 5);
  EXPECT_DOUBLE_EQ(cost.dollars, 10.002 * 0.0000166667 + 5 * 0.0000002);
}

TEST(Cost, WhatWasBilledOverrulesTheEstimate) {
  FleetCost fleet;
  fleet.memory_mb = 1024;
  fleet.requests = 1'000'000;
  fleet.billed_gb_seconds = 5000;
  fleet.unbilled = 2;
  fleet.unbilled_gb_seconds = 1000;
  const Cost cost = cost_of(fleet, {life(0, 1, 0, 1, 2, "")}, s(3));
  EXPECT_DOUBLE_EQ(cost.estimated_gb_seconds, 2);
  EXPECT_NEAR(cost.dollars, 0.1000002 + 0.20, 1e-12);
}

}  // namespace
}  // namespace laggard
