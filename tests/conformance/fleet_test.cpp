// What every fleet must do. A new fleet is one more line at the bottom.
#include "core/io/error.hpp"
#include "methods/admm/consensus.hpp"
#include "runners/runner/process_fleet.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>

#include <set>

namespace laggard::testing {
namespace {

using namespace std::chrono_literals;

enum class Kind { sim, threads, local };

// Work of a known cost that needs no data: x' = z - u' + shard.
class Echo : public WorkerHalf {
 public:
  Contribution compute(const Task& task, Workspace&, const std::atomic<bool>&) const override {
    if (fails && task.shard == 1) throw std::runtime_error("the shard is gone");
    Contribution out;
    out.vectors.push_back((*task.z - AdmmTask(task).rescaled_dual()).array() + task.shard);
    out.passes = 2;
    return out;
  }
  int features() const override { return 3; }
  std::int64_t nonzeros(const Task&) const override { return 1; }
  std::int64_t shard_bytes(ShardId) const override { return 0; }
  std::int64_t min_passes() const override { return 2; }

  bool fails = false;
};

class AnyFleet : public ::testing::TestWithParam<Kind> {
 protected:
  AnyFleet() {
    bed.problem = synthetic("n=40,d=3,density=1", 4);
    bed.workers = 4;
    bed.straggler = "fixed:0.001";
    bed.half = &echo;
    bed.session.max_rounds = 1;
    bed.session.stopping.rule = StopRule::none;
    if (GetParam() == Kind::local)
      bed.fleet = [this](const OptionValues& settled) { return processes(settled); };
  }
  // Worker processes compute what the method does, on rows that they are sent.
  std::unique_ptr<Fleet> processes(const OptionValues& settled) {
    static const std::atomic<bool> never{false};
    FleetOptions fleet;
    fleet.kind = FleetKind::local;
    fleet.workers = bed.workers;
    fleet.straggler = bed.straggler;
    fleet.processes.program = LAGGARD_WORKER;
    Work work;  // on rows that the coordinator sends
    work.method = "admm";
    work.method_options = settled;
    std::vector<std::vector<ShardId>> placement(static_cast<std::size_t>(bed.workers));
    for (ShardId p = 0; p < bed.problem.shards; ++p)
      placement[static_cast<std::size_t>(p % bed.workers)].push_back(p);
    std::vector<std::string> notices;
    const MethodHalves method =
        make_halves(methods().at("admm"), bed.problem, settled, Precision::f64, 1, 2);
    return make_process_fleet(fleet, work, bed.problem, *method.coordinator, placement, notices,
                              never);
  }
  // How far off the begin of a task may be told to be: clocks do not cross the wire.
  Time blur(const TaskRow& task) const {
    return GetParam() == Kind::local ? (task.finished - task.started) / 2 : Time{};
  }
  Testbed::Outcome run(asio::awaitable<void> (*main)(Session&)) {
    Protocol protocol;
    protocol.name = "test";
    protocol.run = main;
    return bed.run(protocol, GetParam() == Kind::threads);
  }

  Echo echo;
  Testbed bed;
};

asio::awaitable<void> one_round(Session& s) {
  while (s.running()) {
    s.dispatch_all();
    for (int i = 0; i < s.shards(); ++i) s.accept(co_await s.next());
    s.update();
  }
}

TEST_P(AnyFleet, DeliversEveryTaskOnce) {
  bed.session.max_rounds = 20;
  const auto outcome = run(one_round);
  EXPECT_EQ(outcome.summary.tasks, 80);
  EXPECT_EQ(outcome.summary.tasks_wasted, 0);
  EXPECT_EQ(outcome.tasks.size(), 80u);
  for (const TaskRow& task : outcome.tasks) {
    EXPECT_EQ(task.outcome, Outcome::accepted);
    EXPECT_EQ(task.staleness, 1);
    EXPECT_LE(task.dispatched, task.started);
    EXPECT_LE(task.started + 1ms, task.finished);
    EXPECT_LE(task.finished, task.arrived);
  }
}

TEST_P(AnyFleet, AWorkerServesItsTasksInOrderOneAtATime) {
  bed.workers = 1;  // four shards in turn on one worker
  bed.straggler = "fixed:0.04";
  const auto outcome = run(one_round);
  Time free{};
  ShardId next = 0;
  for (const TaskRow& task : outcome.tasks) {
    EXPECT_EQ(task.shard, next++);
    EXPECT_EQ(task.worker, 0);
    EXPECT_GE(task.started + blur(task), free);
    free = task.finished;
  }
}

asio::awaitable<void> wait_for_nothing(Session& s) {
  s.dispatch(0);
  s.accept(co_await s.next());
  s.accept(co_await s.next());
}

TEST_P(AnyFleet, WaitingWithNothingInFlightIsADeadlock) {
  EXPECT_THROW(run(wait_for_nothing), Deadlock);
}

Time deadline_at;
asio::awaitable<void> wait_until_deadline(Session& s) {
  const Time deadline = s.now() + 5ms;
  s.dispatch(0);
  const std::optional<Report> early = co_await s.next_until(deadline);
  deadline_at = s.now() - deadline;
  if (early) throw std::logic_error("a report came before its time");
  s.accept(co_await s.next());
  s.update();
}

TEST_P(AnyFleet, ADeadlineFiresAtItsTime) {
  bed.straggler = "fixed:0.05";
  run(wait_until_deadline);
  EXPECT_GE(deadline_at, 0ms);
  if (GetParam() == Kind::sim) {
    EXPECT_EQ(deadline_at, 0ms);
  }
}

asio::awaitable<void> throws(Session& s) {
  s.dispatch(0);
  s.accept(co_await s.next());
  throw std::domain_error("a bug in the protocol");
}

TEST_P(AnyFleet, AnExceptionReachesTheCaller) { EXPECT_THROW(run(throws), std::domain_error); }

asio::awaitable<void> accepts_twice(Session& s) {
  s.dispatch(0);
  const Report report = co_await s.next();
  s.accept(report);
  s.accept(report);
}
asio::awaitable<void> accepts_a_shard_twice(Session& s) {
  s.dispatch(0, 0);
  s.dispatch(0, 1);
  s.accept(co_await s.next());
  s.accept(co_await s.next());
}
asio::awaitable<void> returns_early(Session& s) {
  s.dispatch(0);
  s.accept(co_await s.next());
}

TEST_P(AnyFleet, BrokenProtocolsAreTold) {
  EXPECT_THROW(run(accepts_twice), InvariantViolation);
  EXPECT_THROW(run(accepts_a_shard_twice), InvariantViolation);
  EXPECT_THROW(run(returns_early), InvariantViolation);
}

asio::awaitable<void> revokes(Session& s) {
  s.dispatch(0, 0);
  const TaskId running = s.dispatch(1, 1);
  const TaskId waiting = s.dispatch(2, 1);  // behind it
  s.accept(co_await s.next());
  s.revoke(waiting);
  s.revoke(running);
  s.dispatch(3, 2);
  s.accept(co_await s.next());
  s.update();
}

TEST_P(AnyFleet, TheReportOfARevokedTaskNeverComes) {
  // Threads and processes do not begin at one instant.
  bed.straggler = "fixed:0.002,2,3,0.001";
  const auto outcome = run(revokes);
  EXPECT_EQ(outcome.rounds.at(0).fresh, (std::vector<ShardId>{0, 3}));
  EXPECT_EQ(outcome.summary.tasks_wasted, 2);
  EXPECT_EQ(std::count_if(outcome.tasks.begin(), outcome.tasks.end(),
                          [](const TaskRow& t) { return t.outcome == Outcome::revoked; }),
            2);
}

// Worker 1 is there, and within a pause of a second, when it is told to stop.
asio::awaitable<void> revokes_in_a_pause(Session& s) {
  s.dispatch(1, 1);
  s.accept(co_await s.next());
  const TaskId paused = s.dispatch(2, 1);
  s.dispatch(0, 0);
  s.accept(co_await s.next());
  s.revoke(paused);
  co_await s.next_until(s.now() + 2s);
  s.update();
}

TEST_P(AnyFleet, APauseIsNotRevoked) {
  TemporaryDirectory temporary;
  const auto recorded = temporary.write("workers.csv",
                                        "worker,dispatched,started,pause,finished,arrived,outcome\n"
                                        "0,0,0,0,0.2,1,accepted\n"
                                        "1,0,0,0,0.001,1,accepted\n"
                                        "1,1,1,1,61,61,accepted\n"
                                        "2,0,0,0,0.001,1,accepted\n"
                                        "3,0,0,0,0.001,1,accepted\n");
  bed.straggler = "trace:" + recorded.string();
  const auto outcome = run(revokes_in_a_pause);
  const auto revoked =
      std::find_if(outcome.tasks.begin(), outcome.tasks.end(),
                   [](const TaskRow& task) { return task.outcome == Outcome::revoked; });
  ASSERT_NE(revoked, outcome.tasks.end());
  ASSERT_NE(revoked->finished, kForever) << "it is answered";
  EXPECT_EQ(revoked->pause, 1s);
  EXPECT_GE(revoked->finished - revoked->started, 1s);
  EXPECT_LT(times_of(*revoked).compute, 1s) << "and then not computed for a minute";
  EXPECT_LT(outcome.summary.compute_seconds, 2);
  EXPECT_DOUBLE_EQ(outcome.summary.pause_seconds, 1);
}

TEST_P(AnyFleet, AFailingShardIsTriedThriceAndThenNamed) {
  if (GetParam() == Kind::local) GTEST_SKIP() << "a task of a real problem does not fail";
  echo.fails = true;
  const auto outcome = run(one_round);
  EXPECT_EQ(outcome.summary.stop, StopReason::fleet_failed);
  EXPECT_EQ(outcome.summary.detail, "worker 1 failed 3 times at shard 1: the shard is gone");
}

TEST_P(AnyFleet, TheTimeLimitEndsARunThatWaits) {
  bed.straggler = "fixed:0.001,0.001,0.001,60";
  bed.session.time_limit = 30ms;
  const auto outcome = run(one_round);
  EXPECT_EQ(outcome.summary.stop, StopReason::time_limit);
  EXPECT_EQ(outcome.summary.rounds, 0);
  EXPECT_GE(outcome.summary.fleet_seconds, 0.03);
  EXPECT_EQ(outcome.tasks.back().outcome, Outcome::unfinished);
}

TEST_P(AnyFleet, MaxRoundsZeroEndsAtOnce) {
  bed.session.max_rounds = 0;
  const auto outcome = run(one_round);
  EXPECT_EQ(outcome.summary.stop, StopReason::max_rounds);
  EXPECT_EQ(outcome.summary.tasks, 0);
  EXPECT_NEAR(outcome.summary.last.objective, 40 * std::log(2), 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Fleets, AnyFleet, ::testing::Values(Kind::sim, Kind::threads, Kind::local),
                         [](const auto& test) {
                           return test.param == Kind::sim       ? "sim"
                                  : test.param == Kind::threads ? "threads"
                                                                : "local";
                         });

}  // namespace
}  // namespace laggard::testing
