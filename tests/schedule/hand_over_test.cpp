// Functions that may last a limited time, on the simulated fleet: workers are handed over, and the
// run does not notice.
#include "core/io/error.hpp"
#include "tests/support/testbed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace laggard::testing {
namespace {

using namespace std::chrono_literals;

constexpr int kWorkers = 16;

// Rounds of half a second, for more than two minutes.
Testbed bed_of(const std::string& more = "") {
  Testbed bed;
  bed.problem = load("heart", kWorkers);
  bed.workers = kWorkers;
  bed.straggler = "fixed:0.5,0.3,0.4" + more;
  bed.network = function_network();
  bed.cold_start = 0.25;
  bed.session.max_rounds = 280;
  bed.session.stopping.rule = StopRule::none;
  return bed;
}

std::vector<int> ends(const std::vector<LifeRow>& lives, const std::string& end) {
  std::vector<int> count(kWorkers, 0);
  for (const LifeRow& life : lives)
    count[static_cast<std::size_t>(life.key.worker)] += life.end == end;
  return count;
}

TEST(HandOver, ChangesNothingInARunOfUndisturbedWorkers) {
  Testbed bed = bed_of();
  bed.method_options = kTextbook;
  const auto undisturbed = bed.run("sync").summary;
  bed.function_timeout = 20;
  const auto handed_over = bed.run("sync").summary;
  EXPECT_GT(handed_over.fleet_seconds, 120);
  EXPECT_EQ(handed_over.iterate_digest, undisturbed.iterate_digest);
  // A successor holds no omega, so with its first task it is sent that.              [math 2.1]
  const std::vector<int> successors = ends(handed_over.lives, "handed over");
  const auto omegas =
      (handed_over.bytes_down - undisturbed.bytes_down) / (8 * bed.problem.features());
  EXPECT_EQ((handed_over.bytes_down - undisturbed.bytes_down) % (8 * bed.problem.features()), 0);
  EXPECT_LE(omegas, std::accumulate(successors.begin(), successors.end(), 0));
  EXPECT_GE(omegas, std::accumulate(successors.begin(), successors.end(), 0) - kWorkers)
      << "one may have had no task";
  EXPECT_THAT(ends(handed_over.lives, "handed over"), ::testing::Each(::testing::Ge(4)));
  for (const LifeRow& life : handed_over.lives) {
    EXPECT_LE(life.ended - life.invoked, 20s);
    EXPECT_THAT(life.end,
                ::testing::AnyOf("handed over", "goodbye", "the run was over before it connected"));
    if (life.ready != kForever) {
      EXPECT_EQ(life.ready - life.invoked, 250ms);
    }
  }
  EXPECT_EQ(undisturbed.lives.size(), 16u);
}

TEST(HandOver, ChangesNotEvenTheTimesWhereMessagesTakeNone) {
  Testbed bed = bed_of();
  bed.network = {};
  const auto undisturbed = bed.run("sync").summary;
  bed.function_timeout = 20;
  EXPECT_EQ(bed.run("sync").summary.schedule_digest, undisturbed.schedule_digest);
}

TEST(HandOver, AndCrashesLeaveTheIteratesAlone) {
  Testbed bed = bed_of();
  const auto undisturbed = bed.run("sync").summary;
  bed = bed_of("+crash:p=0.005");
  bed.function_timeout = 20;
  const auto run = bed.run("sync").summary;
  EXPECT_EQ(run.iterate_digest, undisturbed.iterate_digest);
  EXPECT_GT(run.fleet_seconds, undisturbed.fleet_seconds);
  EXPECT_THAT(ends(run.lives, "handed over"), ::testing::Each(::testing::Ge(4)));
  const std::vector<int> lost = ends(run.lives, "the worker was lost");
  const std::vector<int> cut = ends(run.lives, "its function timed out after 20 s");
  EXPECT_GT(std::accumulate(lost.begin(), lost.end(), 0), 10);
  EXPECT_EQ(std::accumulate(cut.begin(), cut.end(), 0), 0);
}

TEST(HandOver, ATaskThatTheTimeoutCutsOffRunsAgain) {
  Testbed bed = bed_of();
  bed.session.max_rounds = 40;
  const auto undisturbed = bed.run("sync").summary;
  bed.straggler = "invocations:p_round=0.2,p_new=0.1";  // now and then a pause of 25 to 39 s
  bed.session.max_rounds = 40;
  bed.function_timeout = 10;
  const auto run = bed.run("sync").summary;
  EXPECT_EQ(run.iterate_digest, undisturbed.iterate_digest);
  const std::vector<int> cut = ends(run.lives, "its function timed out after 10 s");
  EXPECT_GT(std::accumulate(cut.begin(), cut.end(), 0), 0);
}

TEST(HandOver, TasksLongerThanTheTimeoutEndTheRun) {
  Testbed bed = bed_of();
  bed.straggler = "fixed:30";
  bed.function_timeout = 20;
  const auto run = bed.run("sync").summary;
  EXPECT_EQ(run.stop, StopReason::fleet_failed);
  EXPECT_THAT(run.detail, ::testing::HasSubstr("timed out after 20 s"));
}

TEST(HandOver, StartsLongerThanTheTimeoutFailTheFleet) {
  Testbed bed = bed_of();
  bed.cold_start = 3;
  bed.function_timeout = 2;
  try {
    bed.run("sync");
    FAIL() << "it ran";
  } catch (const FleetError& error) {
    EXPECT_THAT(error.what(),
                ::testing::HasSubstr(
                    "failed to start 10 times in a row: its function timed out after 2 s"));
  }
}

TEST(HandOver, ATaskRevokedBeforeItsWorkerIsReadyNeverRuns) {
  Testbed bed = bed_of();
  bed.straggler = "fixed:0.001";
  bed.session.max_rounds = 1;
  bed.problem = load("heart", 8);
  bed.session.protocol_options = {{"redundancy", std::int64_t{1}},
                                  {"superseded", std::string("preempt")}};
  const auto run = bed.run("coded");
  int revoked = 0;
  for (const TaskRow& task : run.tasks) {
    if (task.outcome != Outcome::revoked) continue;
    ++revoked;
    EXPECT_EQ(task.started, kForever);
  }
  EXPECT_GT(revoked, 0);
  EXPECT_EQ(run.summary.rounds, 1);
}

}  // namespace
}  // namespace laggard::testing
