#include "core/results/recorder.hpp"

#include "core/io/error.hpp"
#include "core/results/rows.hpp"
#include "tests/support/gunzip.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

namespace laggard {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRunning = R"({"status": "running"})";

RoundRow round_row(int round) {
  RoundRow row;
  row.round = round;
  row.objective = 1.0 / round;
  return row;
}

TaskRow task_row(int round) {
  TaskRow row;
  row.round = round;
  row.dispatched = Time(round);
  return row;
}

// The rows 1 .. count as the files hold them.
template <class Make>
std::string rows_text(std::string_view header, Make make, int count) {
  std::string text(header);
  for (int k = 1; k <= count; ++k) append_row(text, make(k));
  return text;
}

TEST(Recorder, KeepsEveryRowAndNothingElse) {
  TemporaryDirectory temporary;
  constexpr int kRows = 5000;  // more than a buffer
  {
    Recorder recorder(temporary.path() / "run", false, kRunning);
    EXPECT_EQ(status_of_run(temporary.path() / "run"), "running");
    for (int k = 1; k <= kRows; ++k) {
      recorder.on_round(round_row(k));
      recorder.on_task(task_row(k));
    }
    Summary summary;
    summary.z = Vector::Constant(2, 0.5);
    summary.workers.resize(1);
    summary.lives.resize(2);
    recorder.finish(summary, "{}");
  }
  const fs::path run = temporary.path() / "run";
  EXPECT_EQ(read_text(run / "iterations.csv"), rows_text(kIterationsHeader, round_row, kRows));
  EXPECT_EQ(gunzip(run / "workers.csv.gz"), rows_text(kWorkersHeader, task_row, kRows));
  EXPECT_EQ(read_text(run / "solution.csv"), "feature,value\n1,0.5\n2,0.5\n");
  EXPECT_EQ(read_text(run / "per_worker.csv"), std::string(kPerWorkerHeader) + "-1,0,,,,,,,,,,,\n");
  EXPECT_EQ(read_text(run / "fleet.csv"),
            rows_text(kFleetHeader, [](int) { return LifeRow(); }, 2));
  EXPECT_EQ(read_text(run / "run.json"), "{}\n");
  EXPECT_EQ(std::distance(fs::directory_iterator(run), fs::directory_iterator()), 6);
}

TEST(Recorder, KeepsWhatEachOfSeveralModelsCameTo) {
  TemporaryDirectory temporary;
  Summary summary;
  summary.models.resize(2);
  summary.models[0].z = Vector::Constant(2, 0.5);
  summary.models[1].z = Vector::Constant(2, -1);
  Recorder(temporary.path(), false, kRunning).finish(summary, "{}");
  EXPECT_EQ(read_text(temporary.path() / "models.csv"),
            "model,feature,value\n0,1,0.5\n0,2,0.5\n1,1,-1\n1,2,-1\n");
}

TEST(Recorder, ARunThatEndsByAnExceptionKeepsItsParts) {
  TemporaryDirectory temporary;
  {
    Recorder recorder(temporary.path(), false, kRunning);
    recorder.on_round(round_row(1));
    recorder.on_task(task_row(1));
  }
  EXPECT_EQ(read_text(temporary.path() / "iterations.csv.part"),
            rows_text(kIterationsHeader, round_row, 1));
  EXPECT_EQ(gunzip(temporary.path() / "workers.csv.gz.part"),
            rows_text(kWorkersHeader, task_row, 1));
  EXPECT_EQ(read_text(temporary.path() / "run.json"), std::string(kRunning) + '\n');
}

TEST(Recorder, ARunThatFailsSaysSo) {
  TemporaryDirectory temporary;
  {
    Recorder recorder(temporary.path(), false, kRunning);
    recorder.write_run(R"({"status": "failed"})");
  }
  EXPECT_EQ(status_of_run(temporary.path()), "failed");
  EXPECT_NO_THROW(Recorder(temporary.path(), false, kRunning));
}

// Writes three rows, waits for them to reach the files by themselves, dies on the spot.
[[noreturn]] void record_and_die(const fs::path& directory) {
  Recorder recorder(directory, false, kRunning);
  const fs::path part = directory / "workers.csv.gz.part";
  for (int k = 1; k <= 3; ++k) {
    recorder.on_round(round_row(k));
    recorder.on_task(task_row(k));
  }
  const auto all = rows_text(kWorkersHeader, task_row, 3);
  while (gunzip(part) != all) std::this_thread::yield();
  ::kill(::getpid(), SIGKILL);
  std::abort();
}

TEST(Recorder, KillLeavesReadablePartsAndAFreeDirectory) {
  TemporaryDirectory temporary;
  const pid_t child = ::fork();
  if (child == 0) record_and_die(temporary.path());
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  EXPECT_EQ(read_text(temporary.path() / "iterations.csv.part"),
            rows_text(kIterationsHeader, round_row, 3));
  EXPECT_EQ(gunzip(temporary.path() / "workers.csv.gz.part"),
            rows_text(kWorkersHeader, task_row, 3));
  EXPECT_EQ(status_of_run(temporary.path()), "interrupted");
  EXPECT_NO_THROW(Recorder(temporary.path(), false, kRunning));
}

TEST(RowFile, EveryFlushOfGzipEndsAtAByteThatCanBeReadUpTo) {
  TemporaryDirectory temporary;
  const fs::path file = temporary.path() / "rows.gz";
  const auto rows = open_gzip_file(file);
  std::string all;
  for (int k = 1; k <= 20; ++k) {
    all += std::to_string(k) + '\n';
    rows->append(std::to_string(k) + '\n');
    rows->flush();
    EXPECT_EQ(gunzip(file), all);
  }
  rows->finish();
  EXPECT_EQ(gunzip(file), all);
}

TEST(RowFile, AFullDiskIsToldWithTheNameOfTheFile) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  const auto rows = open_text_file("/dev/full");
  rows->append("row\n");
  try {
    rows->flush();
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("/dev/full"));
  }
}

}  // namespace
}  // namespace laggard
