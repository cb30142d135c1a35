#include "core/results/row_reader.hpp"

#include "core/io/error.hpp"
#include "core/results/recorder.hpp"
#include "core/results/rows.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

namespace laggard {
namespace {

template <class Row>
std::string line(const Row& row) {
  std::string text;
  append_row(text, row);
  return text;
}

TaskRow task_row() {
  TaskRow row;
  row.round = 7;
  row.worker = 3;
  row.shard = 2;
  row.dispatched = Time(1'000'000'001);
  row.started = Time(2'000'000'000);
  row.pause = Time(0);
  row.finished = Time(2'500'000'000);
  row.arrived = Time(3'000'000'000);
  row.passes = 17;
  row.inner_iterations = 9;
  row.staleness = 1;
  row.outcome = Outcome::revoked;
  return row;
}

class RowReader : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    std::ofstream(directory_.path() / name) << text;
  }
  std::string error_of_rounds() {
    try {
      read_rounds(directory_.path(), "who");
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_EQ(message.find("who: " + (directory_.path() / "iterations.csv").string()), 0u)
          << message;
      return message.substr(message.find("iterations.csv"));
    }
    return "no error";
  }

  TemporaryDirectory directory_;
};

TEST_F(RowReader, WhatTheRecorderWroteComesBackToTheLastBit) {
  RoundRow round;
  round.round = 3;
  round.at = Time(404'738'001);
  round.wall_seconds = 0.25;
  round.objective = 0.1 + 0.2;
  round.dual = 1e-300;
  round.rho = 2;
  round.accepted = 16;
  round.staleness_max = 4;
  round.age_max = 5;
  round.bytes_up = 1'000'000'000'000;
  round.decode_rms = 0.1;
  round.decode_weight = 1 - 1e-16;
  round.disagreement = 0.3;
  LifeRow life;
  life.key = {5, 2};
  life.invoked = Time(10);
  life.ended = Time(9'000'000'000'000'000'001);
  life.cold = false;
  life.end = "lost: reset, by peer";
  {
    Recorder recorder(directory_.path(), false, "{}");
    recorder.on_round(round);
    recorder.on_task(task_row());
    Summary summary;
    summary.lives = {life};
    recorder.finish(summary, "{}");
  }
  const auto rounds = read_rounds(directory_.path(), "who");
  ASSERT_EQ(rounds.size(), 1u);
  EXPECT_EQ(line(rounds[0]), line(round));
  const auto tasks = read_tasks(directory_.path(), "who");
  ASSERT_EQ(tasks.size(), 1u);
  EXPECT_EQ(line(tasks[0]), line(task_row()));
  EXPECT_EQ(tasks[0].idle, kForever);
  const auto lives = read_lives(directory_.path(), "who");
  ASSERT_EQ(lives.size(), 1u);
  EXPECT_EQ(line(lives[0]), line(life));
  EXPECT_EQ(lives[0].end, life.end);
}

TEST_F(RowReader, NegativeTimesKeepTheirSign) {
  write("fleet.csv", std::string(kFleetHeader) + "0,1,-0.5,-2.000000001,,,,1,\n");
  const auto lives = read_lives(directory_.path(), "who");
  ASSERT_EQ(lives.size(), 1u);
  EXPECT_EQ(lives[0].invoked, Time(-500'000'000));
  EXPECT_EQ(lives[0].connected, Time(-2'000'000'001));
}

TEST_F(RowReader, OfARunThatDiedWholeRowsAreRead) {
  const std::string row = line(task_row());
  {
    auto file = open_gzip_file(directory_.path() / "workers.csv.gz.part");
    file->append(std::string(kWorkersHeader) + row + row);
    file->flush();
    file->append(row.substr(0, 20));
    file->flush();
  }
  EXPECT_EQ(read_tasks(directory_.path(), "who").size(), 2u);
  write("iterations.csv.part", "");
  EXPECT_TRUE(read_rounds(directory_.path(), "who").empty());
}

TEST_F(RowReader, ColumnsThatJoinedLaterAreEmptyInOlderFiles) {
  std::string header(kIterationsHeader);
  header.erase(header.find(",decode_rms"), header.size() - 1 - header.find(",decode_rms"));
  write("iterations.csv", header + "1,2,,,,,,0,4,0,1,1,8,9\n");
  const auto rounds = read_rounds(directory_.path(), "who");
  ASSERT_EQ(rounds.size(), 1u);
  EXPECT_EQ(rounds[0].bytes_down, 9);
  EXPECT_TRUE(std::isnan(rounds[0].decode_rms) && std::isnan(rounds[0].decode_weight));
}

TEST_F(RowReader, ErrorsNameFileAndLine) {
  EXPECT_EQ(error_of_rounds(),
            "iterations.csv: no such file; expected the folder of a finished run");
  write("iterations.csv", "round,virtual_s\n");
  EXPECT_EQ(error_of_rounds(),
            "iterations.csv:1: no column wall_s; expected the results of a run of this version");
  const std::string header(kIterationsHeader);
  write("iterations.csv", header + "1,2\n");
  EXPECT_EQ(error_of_rounds(), "iterations.csv:2: 2 fields; expected 18, as in the heading");
  const std::string good = line(RoundRow{});
  write("iterations.csv", header + good + "1,2x" + good.substr(3));
  EXPECT_EQ(error_of_rounds(), "iterations.csv:3: \"2x\"; expected seconds");
  write("iterations.csv", header + "one" + good.substr(1));
  EXPECT_EQ(error_of_rounds(), "iterations.csv:2: \"one\"; expected a number");
}

TEST_F(RowReader, ColumnsMayStandInAnotherOrderAmongOthers) {
  write("fleet.csv",
        "end,new,cold,cold_start,ended,ready,connected,invoked,incarnation,worker\n"
        "\"a, b\",x,1,,4,3,2,1,6,5\n");
  const auto lives = read_lives(directory_.path(), "who");
  ASSERT_EQ(lives.size(), 1u);
  EXPECT_EQ(line(lives[0]), "5,6,1,2,3,4,2,1,\"a, b\"\n");
}

}  // namespace
}  // namespace laggard
