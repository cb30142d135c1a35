// backup: the iterates of sync, and when what is sent again.                         [math 4]
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

using namespace std::chrono_literals;

Testbed bed_of(int workers, int shards, const std::string& straggler, std::uint64_t seed = 1) {
  Testbed bed;
  bed.problem = load("heart", shards);
  bed.workers = workers;
  bed.straggler = straggler;
  bed.seed = seed;
  bed.session.max_rounds = 30;
  bed.session.stopping.rule = StopRule::none;
  bed.network = NetworkOptions{};
  bed.cold_start = 0.25;
  return bed;
}

Testbed with(Testbed bed, double after, std::int64_t most) {
  bed.session.protocol_options = {{"backup-after", after}, {"max-backups", most}};
  return bed;
}

TEST(Backup, IsSyncUnderEveryStragglerSeedAndSize) {
  std::int64_t backups = 0;
  for (const auto& [workers, shards] : {std::pair{1, 1}, {1, 3}, {2, 2}, {5, 5}, {8, 8}, {8, 19}}) {
    const auto sync = bed_of(workers, shards, "none").run("sync");
    for (const char* straggler :
         {"none", "lambda", "bimodal:p=0.05,factor=10", "persistent:share=0.25,factor=8", "pareto",
          "lambda+crash:p=0.01", "fixed:1,1,2,5"})
      for (const std::uint64_t seed : {1, 2})
        for (const auto& [after, most] : {std::pair{1.0, 9}, {1.5, 1}, {2.0, 2}}) {
          const Testbed bed = with(bed_of(workers, shards, straggler, seed), after, most);
          const auto backup = bed.run("backup");
          EXPECT_EQ(backup.summary.iterate_digest, sync.summary.iterate_digest)
              << straggler << " seed " << seed << " W " << workers << " P " << shards;
          if (workers == 1 && std::string(straggler).find("crash") == std::string::npos) {
            EXPECT_EQ(backup.summary.tasks_wasted, 0);
          }
          backups += backup.summary.tasks_wasted;
        }
  }
  EXPECT_GT(backups, 1000) << "hardly a task was sent again";
}

TEST(Backup, WithoutStragglersTheScheduleIsThatOfSyncToo) {
  for (const auto& [workers, shards] : {std::pair{1, 4}, {4, 4}, {8, 8}}) {
    const Testbed bed = bed_of(workers, shards, "none");
    const auto sync = bed.run("sync"), backup = bed.run("backup");
    EXPECT_EQ(backup.summary.iterate_digest, sync.summary.iterate_digest);
    EXPECT_EQ(backup.summary.schedule_digest, sync.summary.schedule_digest);
    EXPECT_EQ(backup.summary.fleet_seconds, sync.summary.fleet_seconds);
    EXPECT_EQ(backup.summary.tasks, sync.summary.tasks);
  }
}

TEST(Backup, CarriesMethodsThatNeedOnePoint) {
  for (const char* method : {"linearized_admm", "fista"}) {
    Testbed sync = bed_of(8, 8, "none"), backup = with(bed_of(8, 8, "fixed:1,1,1,5"), 1.2, 2);
    sync.method = backup.method = method;
    const Summary summary = backup.run("backup").summary;
    EXPECT_EQ(summary.iterate_digest, sync.run("sync").summary.iterate_digest) << method;
    EXPECT_GT(summary.tasks_wasted, 0);
  }
}

TEST(Backup, IsSyncOnThreads) {
  Testbed bed = with(bed_of(4, 4, "fixed:0.001,0.001,0.001,0.02"), 1.5, 2);
  bed.session.max_rounds = 15;
  const auto sync = bed_of(4, 4, "none").run("sync");
  const auto backup = bed.run("backup", true);
  EXPECT_EQ(backup.rounds.back().objective, sync.rounds[14].objective);
  EXPECT_GT(backup.summary.tasks_wasted, 0) << "the slow one was never backed up";
}

// Three workers take 1 s and the fourth 10: at 2 medians, 2 s, its shard goes to worker 0, which
// answers at 3 s.
TEST(Backup, ATaskIsLateAfterSoManyMedians) {
  Testbed bed = with(bed_of(4, 4, "fixed:1,1,1,10"), 2, 1);
  bed.network = NetworkOptions{};
  bed.cold_start = 0;
  bed.session.max_rounds = 5;
  const auto outcome = bed.run("backup");
  EXPECT_EQ(outcome.rounds.front().at, 3s);
  EXPECT_EQ(outcome.rounds.back().at, 15s);
  EXPECT_EQ(outcome.summary.tasks, 5 * 5);
  EXPECT_EQ(outcome.summary.tasks_wasted, 5);
  for (const TaskRow& task : outcome.tasks)
    if (task.shard == 3 && task.outcome == Outcome::accepted) {
      EXPECT_EQ(task.worker, 0);
      EXPECT_EQ(task.arrived - task.dispatched, 1s);
    }
}

// Workers 2 and 3 are slow, and worker 0 is free at 1 s, worker 1 at 2: the median. Shard 2 is late
// at 3 s; worker 3, the next, is at work, so worker 0 takes it, until 4 s, and worker 1 shard 3,
// until 5 s.
TEST(Backup, TheMedianIsWhenHalfOfTheShardsHaveReported) {
  Testbed bed = with(bed_of(4, 4, "fixed:1,2,100,100"), 1.5, 1);
  bed.network = NetworkOptions{};
  bed.cold_start = 0;
  bed.session.max_rounds = 1;
  const auto outcome = bed.run("backup");
  std::vector<Time> backups;
  for (const TaskRow& task : outcome.tasks)
    if (task.worker != task.shard) {
      EXPECT_EQ(task.dispatched, 3s);
      backups.push_back(task.finished);
    }
  EXPECT_EQ(backups, (std::vector<Time>{4s, 5s}));
  EXPECT_EQ(outcome.rounds.back().at, 5s);
}

// The median is 3 s. Shard 0 is late at 6 s, and worker 1 takes it; its backup, which takes 3 s as
// all that worker 1 does, is not late before 12 s.
TEST(Backup, InfinityIsNever) {
  Testbed bed = with(bed_of(3, 3, "fixed:100,3,3"), 2, 2);
  bed.network = NetworkOptions{};
  bed.cold_start = 0;
  bed.session.max_rounds = 1;
  const auto outcome = bed.run("backup");
  EXPECT_EQ(outcome.rounds.back().at, 9s);
  EXPECT_EQ(outcome.summary.tasks, 4);
  bed.session.protocol_options["backup-after"] = kInfinity;
  EXPECT_EQ(bed.run("backup").rounds.back().at, 100s);
}

}  // namespace
}  // namespace laggard::testing
