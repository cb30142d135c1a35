// Pauses of the platform and the luck of starts, on the simulated clock.             [math 9]
#include "methods/admm/consensus.hpp"
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>

#include <map>

namespace laggard::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kInner = 10;

// Work of ten inner iterations: 10 x 1e8 / 10 operations of 3 ns, 30 ms each.
class Work : public WorkerHalf {
 public:
  Contribution compute(const Task& task, Workspace&, const std::atomic<bool>&) const override {
    Contribution out;
    out.vectors.push_back(*task.z - AdmmTask(task).rescaled_dual());
    out.passes = kInner;
    out.inner_iterations = kInner;
    return out;
  }
  int features() const override { return 3; }
  std::int64_t nonzeros(const Task&) const override { return 10'000'000; }
  std::int64_t shard_bytes(ShardId) const override { return 0; }
  std::int64_t min_passes() const override { return kInner; }
};
constexpr Time kStep = (10'000'000 + 15) * 3ns;  // an inner iteration
constexpr Time kCompute = kInner * kStep + 1ms;

// What is written down for a worker's task or an incarnation; nothing else happens.
struct Script final : StragglerModel {
  std::map<std::pair<WorkerId, std::int64_t>, Slowdown> tasks;
  std::map<std::pair<WorkerId, Incarnation>, Start> starts;

  Slowdown draw(WorkerId worker, std::int64_t task) const override {
    const auto found = tasks.find({worker, task});
    return found == tasks.end() ? Slowdown{} : found->second;
  }
  Start draw_start(WorkerKey key) const override {
    const auto found = starts.find({key.worker, key.incarnation});
    return found == starts.end() ? Start{} : found->second;
  }
};

Slowdown pause(Time time) {
  Slowdown slowdown;
  slowdown.pause = time;
  return slowdown;
}

class Pause : public ::testing::Test {
 protected:
  Pause() {
    bed.problem = synthetic("n=40,d=3,density=1", 4);
    bed.workers = 4;
    bed.half = &work;
    bed.session.max_rounds = 1;
    bed.session.stopping.rule = StopRule::none;
    bed.fleet = [this](const OptionValues&) {
      SimOptions options;
      options.work = price_of_work();
      options.workers = bed.workers;
      options.network = bed.network;
      options.cold_start = bed.cold_start;
      options.function.timeout = from_seconds(bed.function_timeout);
      return std::make_unique<SimFleet>(options, work, std::make_unique<Script>(script));
    };
  }
  Testbed::Outcome run(asio::awaitable<void> (*main)(Session&)) {
    Protocol protocol;
    protocol.name = "test";
    protocol.run = main;
    return bed.run(protocol);
  }

  Work work;
  Script script;
  Testbed bed;
};

TEST_F(Pause, ComesBeforeTheComputationAndIsNoPartOfIt) {
  script.tasks[{2, 0}] = pause(20s);
  script.tasks[{2, 0}].factor = 2;
  bed.network.latency = 0.1;
  const auto outcome = bed.run("sync");
  ASSERT_EQ(outcome.tasks.size(), 4u);
  const TaskRow& late = outcome.tasks[3];
  EXPECT_EQ(late.worker, 2);
  EXPECT_EQ(late.started, 100ms);
  EXPECT_EQ(late.pause, 20s);
  EXPECT_EQ(late.finished, 100ms + 20s + 2 * kInner * kStep + 1ms);
  EXPECT_EQ(times_of(late).compute, 2 * kInner * kStep + 1ms);
  EXPECT_EQ(times_of(late).communication, 200ms);
  EXPECT_EQ(outcome.tasks[0].pause, 0s);
  EXPECT_DOUBLE_EQ(outcome.summary.pause_seconds, 20);
  EXPECT_DOUBLE_EQ(outcome.summary.compute_seconds, to_seconds(5 * kInner * kStep + 4ms));
}

// Revokes the tasks of worker 1, a second later asks who answered.
template <int kMilliseconds>
asio::awaitable<void> revokes_after(Session& s) {
  const TaskId running = s.dispatch(1, 1);
  const TaskId waiting = s.dispatch(2, 1);  // behind it
  s.dispatch(0, 0);
  s.accept(co_await s.next());
  co_await s.next_until(std::chrono::milliseconds(kMilliseconds));
  s.revoke(waiting);
  s.revoke(running);
  co_await s.next_until(10s);
  s.update();
}

TEST_F(Pause, IsNotEndedByTheWordToStopWhichIsHeardAfterIt) {
  script.tasks[{1, 0}] = pause(2s);
  const auto outcome = run(revokes_after<1000>);
  ASSERT_EQ(outcome.tasks.size(), 3u);
  for (const TaskRow& task : outcome.tasks) {
    if (task.worker != 1) continue;
    EXPECT_EQ(task.outcome, Outcome::revoked);
    EXPECT_EQ(task.arrived, 2s) << "task of shard " << task.shard;
    EXPECT_EQ(task.passes, 0);
    if (task.shard == 2) {
      EXPECT_EQ(task.started, kForever) << "it was behind the paused one and never began";
      EXPECT_EQ(task.pause, kForever);
      continue;
    }
    EXPECT_EQ(task.finished, 2s);
    EXPECT_EQ(times_of(task).compute, 0s);
  }
  EXPECT_DOUBLE_EQ(outcome.summary.compute_seconds, to_seconds(kCompute));
}

TEST_F(Pause, OnceItIsOverTheSolverStopsAtItsNextIteration) {
  script.tasks[{1, 0}] = pause(900ms);
  const auto outcome = run(revokes_after<1000>);
  int seen = 0;
  for (const TaskRow& task : outcome.tasks) {
    if (task.shard != 1) continue;
    ++seen;
    EXPECT_EQ(task.outcome, Outcome::revoked);
    EXPECT_EQ(task.finished, 900ms + 4 * kStep) << "told 100 ms into steps of 30 ms";
  }
  EXPECT_EQ(seen, 1);
}

TEST_F(Pause, UnderGivenTimesTheWordCountsAtOnceAfterIt) {
  script.tasks[{1, 0}] = pause(900ms);
  script.tasks[{1, 0}].exact = 60s;
  const auto outcome = run(revokes_after<1000>);
  for (const TaskRow& task : outcome.tasks)
    if (task.shard == 1) {
      EXPECT_EQ(task.finished, 1s);
    }
}

TEST_F(Pause, TheStartsTailComesBeforeTheWorkerIsThere) {
  script.starts[{3, 1}].tail = 25s;
  bed.cold_start = 0.25;
  const auto outcome = bed.run("sync");
  ASSERT_EQ(outcome.summary.lives.size(), 4u);
  for (const LifeRow& life : outcome.summary.lives)
    EXPECT_EQ(life.ready - life.invoked, life.key.worker == 3 ? 25s + 250ms : 250ms);
  const TaskRow& late = outcome.tasks.back();
  EXPECT_EQ(late.worker, 3);
  EXPECT_EQ(late.dispatched, 0s);
  EXPECT_EQ(late.started, 30ms + 250ms + 25s);  // invoked fourth, at 100 a second
  EXPECT_EQ(late.pause, 0s);
  EXPECT_DOUBLE_EQ(outcome.summary.startup_seconds, 25.28);
  EXPECT_DOUBLE_EQ(outcome.summary.fleet_seconds, to_seconds(25280ms + kCompute));
  bed.cold_start = 0;  // no start, and no tail
  EXPECT_EQ(bed.run("sync").rounds.back().at, kCompute);
}

// Start-up lasts until the first task begins that is taken in of the last shard.        [math 8]
TEST_F(Pause, UpdatesWithoutAShardThatIsStillToComeArePartOfStartUp) {
  script.starts[{3, 1}].tail = 2s;
  bed.cold_start = 0.25;
  bed.session.max_rounds = 40;
  bed.session.protocol_options = {{"tau", std::int64_t{1000}}, {"min-arrivals", std::int64_t{1}}};
  const auto outcome = bed.run("async");
  EXPECT_LT(outcome.rounds[0].at, 1s);
  EXPECT_GT(outcome.summary.fleet_seconds, 3);
  EXPECT_DOUBLE_EQ(outcome.summary.startup_seconds, 2.28);
}

TEST_F(Pause, AWorkerWhoseShardAnotherBringsIsNoPartOfStartUp) {
  bed.problem = synthetic("n=40,d=3,density=1", 2);
  script.starts[{1, 1}].tail = 25s;
  bed.cold_start = 0.25;
  bed.session.max_rounds = 3;
  bed.session.protocol_options = {{"redundancy", std::int64_t{1}}};
  EXPECT_LT(bed.run("coded").summary.startup_seconds, 1);
}

TEST_F(Pause, ARunThatNeverHasAllShardsIsAllStartUp) {
  script.starts[{3, 1}].tail = 25s;
  bed.cold_start = 0.25;
  bed.session.time_limit = 2s;
  const auto outcome = bed.run("sync");
  EXPECT_EQ(outcome.summary.rounds, 0);
  EXPECT_EQ(outcome.summary.fleet_seconds, 2);
  EXPECT_EQ(outcome.summary.startup_seconds, 2);
}

TEST_F(Pause, AHostSlowsWhatItsIncarnationComputes) {
  script.starts[{0, 1}].factor = 3;
  script.tasks[{0, 1}].factor = 2;
  bed.session.max_rounds = 2;
  const auto outcome = bed.run("sync");
  EXPECT_EQ(outcome.rounds[0].at, 3 * kInner * kStep + 1ms);
  EXPECT_EQ(outcome.rounds[1].at - outcome.rounds[0].at, 6 * kInner * kStep + 1ms);
}

TEST_F(Pause, ThreadsWaitForTailsAndForTheirHosts) {
  script.starts[{3, 1}].tail = 150ms;
  script.starts[{2, 1}].factor = 1e8;  // a microsecond of its work takes minutes
  bed.fleet = [this](const OptionValues&) {
    return std::make_unique<ThreadFleet>(bed.workers, work, std::make_unique<Script>(script));
  };
  bed.session.time_limit = 400ms;
  const auto outcome = bed.run("sync");
  EXPECT_EQ(outcome.summary.rounds, 0) << "worker 2 is still at its task";
  for (const TaskRow& task : outcome.tasks)
    if (task.worker == 3) {
      EXPECT_GE(task.started, 150ms);
    }
}

TEST_F(Pause, ASuccessorsTailIsWaitedForWhileTheOldOneServes) {
  // Functions of 40 s are handed over; each second incarnation is 3 s late and twice as slow.
  for (WorkerId w = 0; w < 4; ++w) script.starts[{w, 2}] = {3s, 2, {}};
  bed.cold_start = 0.25;
  bed.function_timeout = 40;
  bed.session.max_rounds = 150;
  const auto outcome = bed.run("sync");
  EXPECT_GT(outcome.summary.fleet_seconds, 45);
  int successors = 0;
  for (const LifeRow& life : outcome.summary.lives) {
    if (life.key.incarnation != 2 || life.ready == kForever) continue;
    ++successors;
    EXPECT_EQ(life.ready - life.invoked, 3s + 250ms);
  }
  EXPECT_EQ(successors, 4);
  Time slowest{};
  for (std::size_t i = 1; i < outcome.rounds.size(); ++i)
    slowest = std::max(slowest, outcome.rounds[i].at - outcome.rounds[i - 1].at);
  EXPECT_EQ(slowest, 2 * kInner * kStep + 1ms) << "no round waits for a start";
}

}  // namespace
}  // namespace laggard::testing
