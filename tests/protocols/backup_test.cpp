// backup, report by report. No time passes here, so what is out is late as soon as half of the
// reports are in.                                                                    [math 4]
#include "tests/protocols/scripted.hpp"

#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

Script backup(int workers, std::int64_t most, int shards = 0) {
  return {.protocol = "backup",
          .workers = workers,
          .shards = shards,
          .options = {{"max-backups", most}}};
}

TEST(BackupSteps, WhatIsLateIsSentAgainToTheNextIdleWorkerAndTheFirstAnswerCounts) {
  EXPECT_STEPS(backup(4, 1), R"(
      start -> send 0 to 0, send 1 to 1, send 2 to 2, send 3 to 3
      3 -> take 3
      1 -> take 1, send 0 to 1, send 2 to 3
      0 -> take 0, stop 1
      1 -> gone 1
      3 -> take 3, stop 2, z1 of 0 1 2 3, send 0 to 0, send 1 to 1, send 2 to 2, send 3 to 3)");
}

// Worker 1 has been told to stop, and nobody knows whether it has heard. Worker 0 has answered.
TEST(BackupSteps, AWorkerThatWasToldToStopGetsNoBackupBeforeItAnswers) {
  EXPECT_STEPS(backup(4, 2), R"(
      start -> send 0 to 0, send 1 to 1, send 2 to 2, send 3 to 3
      3 -> take 3
      1 -> take 1, send 0 to 1, send 2 to 3
      0 -> take 0, stop 1, send 2 to 0
      1 -> gone 1)");
}

TEST(BackupSteps, NoMoreBackupsThanAskedFor) {
  EXPECT_STEPS(backup(3, 1), R"(
      start -> send 0 to 0, send 1 to 1, send 2 to 2
      0 -> take 0
      1 -> take 1, send 2 to 0
      0 -> take 0, stop 2, z1 of 0 1 2, send 0 to 0, send 1 to 1, send 2 to 2)");
  EXPECT_STEPS(backup(3, 0), R"(
      start -> send 0 to 0, send 1 to 1, send 2 to 2
      0 -> take 0
      1 -> take 1
      2 -> take 2, z1 of 0 1 2, send 0 to 0, send 1 to 1, send 2 to 2)");
}

TEST(BackupSteps, AWorkerWithMoreToDoIsNotIdle) {
  EXPECT_STEPS(backup(2, 1, 4), R"(
      start -> send 0 to 0, send 1 to 1, send 2 to 0, send 3 to 1
      0 -> take 0
      1 -> take 1
      1 -> take 1, send 2 to 1
      1 -> take 1, stop 0, z1 of 0 1 2 3, send 0 to 0, send 1 to 1, send 2 to 0, send 3 to 1)");
}

TEST(BackupSteps, OneWorkerIsNeverBackedUp) {
  EXPECT_STEPS(backup(1, 3, 2), R"(
      start -> send 0 to 0, send 1 to 0
      0 -> take 0
      0 -> take 0, z1 of 0 1, send 0 to 0, send 1 to 0)");
}

}  // namespace
}  // namespace laggard::testing
