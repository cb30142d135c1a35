// The virtual clock against times worked out by hand.                              [math 9]
#include "methods/admm/consensus.hpp"
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <map>

namespace laggard::testing {
namespace {

using namespace std::chrono_literals;

// Returns at once with work of a known size.
class Work : public WorkerHalf {
 public:
  Contribution compute(const Task& task, Workspace&, const std::atomic<bool>&) const override {
    Contribution out;
    out.vectors.push_back(*task.z - AdmmTask(task).rescaled_dual());
    out.passes = 4;
    out.inner_iterations = 2;
    return out;
  }
  int features() const override { return 100; }
  std::int64_t nonzeros(const Task&) const override { return 1'000'000; }
  std::int64_t shard_bytes(ShardId) const override { return 3000; }
  std::int64_t min_passes() const override { return 2; }
};

Testbed bed_of(int workers) {
  static const Work work;
  Testbed bed;
  bed.problem = synthetic("n=40,d=100,density=0.1", workers);
  bed.workers = workers;
  bed.half = &work;
  bed.method_options = kTextbook;
  bed.session.max_rounds = 1;
  bed.session.stopping.rule = StopRule::none;
  return bed;
}

Time end(const Testbed& bed) { return bed.run("sync").rounds.back().at; }

// 4 passes of 1e6 nonzeros and 2 x 5 vector operations of length 100, 3 ns each, and 1 ms.
constexpr Time kCompute = (4'000'000 + 1000) * 3ns + 1ms;

TEST(SimFleet, WorkTakesThreeNanosecondsAnOperation) { EXPECT_EQ(end(bed_of(1)), kCompute); }

TEST(SimFleet, MessagesCostLatencyAndBandwidthBothWays) {
  Testbed bed = bed_of(1);
  bed.network.latency = 0.002;
  bed.network.bandwidth = 1e6;  // 864 bytes: a header of 64 and 100 doubles
  EXPECT_EQ(end(bed), kCompute + 2 * (2ms + 864us));
}

TEST(SimFleet, WorkersShareTheCoordinatorsLink) {
  Testbed bed = bed_of(4);
  bed.network.coordinator_bandwidth = 1e6;
  // The fourth message leaves after four of them; by then the reports come one by one, spaced as
  // the messages were, and each needs the link alone.
  EXPECT_EQ(end(bed), 4 * 864us + kCompute + 864us);
}

// Three hops for four workers, and nobody waits for another's message.
TEST(SimFleet, OnATreeMessagesHopAndTheCoordinatorsLinkCarriesOne) {
  Testbed bed = bed_of(4);
  bed.network.topology = Topology::tree;
  bed.network.hops = hops_of(4);
  bed.network.latency = 0.002;
  bed.network.bandwidth = 2e6;
  bed.network.coordinator_bandwidth = 1e6;
  bed.network.service_seconds = 0.01;
  EXPECT_EQ(end(bed), kCompute + 2 * (10ms + 864us + 3 * (2ms + 432us)));
}

// ceil(log2(W + 1)).
TEST(SimFleet, ATreeIsAsDeepAsItsWorkersNeed) {
  const std::map<int, int> depths = {{1, 1}, {2, 2},  {3, 2},   {4, 3},   {7, 3},
                                     {8, 4}, {64, 7}, {256, 9}, {511, 9}, {512, 10}};
  for (const auto& [workers, depth] : depths) EXPECT_EQ(hops_of(workers), depth) << workers;
}

TEST(SimFleet, MessagesQueueForTheMasters) {
  Testbed bed = bed_of(4);
  bed.straggler = "fixed:1";
  bed.network.service_seconds = 0.01;
  bed.network.service_seconds_per_number = 1e-5;  // 100 numbers: 11 ms a message
  EXPECT_EQ(end(bed), 4 * 11ms + 1s + 11ms);
  bed.network.masters = 2;
  EXPECT_EQ(end(bed), 2 * 11ms + 1s + 11ms);
  bed.network.masters = 4;
  EXPECT_EQ(end(bed), 11ms + 1s + 11ms);
}

TEST(SimFleet, StragglersMultiplyTheWorkAndNotTheOverhead) {
  Testbed bed = bed_of(1);
  bed.straggler = "bimodal:p=1,factor=3";
  EXPECT_EQ(end(bed), 3 * (kCompute - 1ms) + 1ms);
}

TEST(SimFleet, WorkersAreInvokedAtTheRateAndStartCold) {
  Testbed bed = bed_of(5);
  bed.cold_start = 0.25;  // at 100 a second the fifth is invoked at 40 ms
  EXPECT_EQ(end(bed), 40ms + 250ms + kCompute);
}

TEST(SimFleet, LoadingTheShardComesBeforeTheFirstTask) {
  Testbed bed = bed_of(2);
  bed.cold_start = 0.25;
  bed.load = {7ms, 9ms};
  EXPECT_EQ(end(bed), 10ms + 250ms + 9ms + kCompute);
  bed.cold_start = 0;
  EXPECT_EQ(end(bed), kCompute);
}

TEST(SimFleet, AShardThatAWorkerDoesNotHoldIsFetchedWithTheFirstTaskForIt) {
  Testbed bed = bed_of(2);
  bed.session.max_rounds = 3;
  bed.network.latency = 0.01;
  bed.network.bandwidth = 1e6;
  bed.placement = {{0}, {1}};
  const Time held = end(bed);
  bed.placement = {{0}, {0}};
  EXPECT_EQ(end(bed) - held, 2 * 10ms + 3ms);
}

TEST(SimFleet, EqualTimesAreServedInDispatchOrder) {
  Testbed bed = bed_of(6);
  bed.straggler = "fixed:1";
  const auto outcome = bed.run("sync");
  for (std::size_t i = 0; i < outcome.tasks.size(); ++i)
    EXPECT_EQ(outcome.tasks[i].shard, static_cast<ShardId>(i));
}

// Tasks that are worth a thread and tasks that are not, and that both are counted.
TEST(SimFleet, TheMachinesTimeIsToldApart) {
  for (const char* spec : {"n=40,d=10,density=0.5", "n=4000,d=2000,density=0.1"}) {
    Testbed bed;
    bed.problem = synthetic(spec, 4);
    bed.workers = 4;
    bed.session.max_rounds = 5;
    const auto virtually = bed.run("sync"), really = bed.run("sync", true);
    const MachineTime& machine = virtually.summary.machine;
    EXPECT_GT(machine.tasks, 0);
    EXPECT_GT(machine.coordinator, 0);
    EXPECT_GT(machine.objective, 0);
    EXPECT_GT(machine.simulator, 0);
    EXPECT_GT(machine.overhead(), 0);
    EXPECT_GT(really.summary.machine.coordinator, 0);
    EXPECT_TRUE(std::isnan(really.summary.machine.overhead()));
    EXPECT_EQ(virtually.summary.iterate_digest, really.summary.iterate_digest);
  }
}

TEST(SimFleet, TaskRowsHoldTheTimesOfTheDefinitions) {
  Testbed bed = bed_of(2);
  bed.straggler = "fixed:1,3";
  bed.network.latency = 0.1;
  bed.session.max_rounds = 2;
  const auto outcome = bed.run("sync");
  const TaskRow& first = outcome.tasks[0];
  EXPECT_EQ(first.dispatched, 0s);
  EXPECT_EQ(first.started, 100ms);
  EXPECT_EQ(first.finished, 1100ms);
  EXPECT_EQ(first.arrived, 1200ms);
  EXPECT_EQ(first.idle, kForever);
  EXPECT_EQ(first.passes, 4);
  EXPECT_EQ(outcome.tasks[2].idle, 3300ms - 1100ms);  // waits for the slow one's round
  EXPECT_EQ(outcome.summary.compute_seconds, 8);
  EXPECT_EQ(outcome.summary.bytes_up, 4 * 864);
  EXPECT_EQ(outcome.summary.bytes_down, 4 * 864);
}

asio::awaitable<void> wait_by_the_wall(Session&) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, 1h);
  co_await timer.async_wait(asio::use_awaitable);
}

TEST(SimFleet, AProtocolThatWaitsPastItsSessionIsADeadlock) {
  Protocol protocol;
  protocol.name = "wall";
  protocol.run = wait_by_the_wall;
  EXPECT_THROW(bed_of(1).run(protocol), Deadlock);
}

}  // namespace
}  // namespace laggard::testing
