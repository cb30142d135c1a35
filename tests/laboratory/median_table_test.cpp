#include "runners/laboratory/results/median_table.hpp"

#include "core/io/error.hpp"
#include "runners/laboratory/results/run_fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace laggard {
namespace {

StoredRun run_of(const std::string& text) {
  StoredRun run;
  run.run = boost::json::parse(text).as_object();
  for (const IndexColumn& column : index_columns()) {
    const boost::json::value* value = field_of(run.run, column.name);
    run.columns.push_back(value ? *value : nullptr);
  }
  return run;
}

StoredRun timed(const std::string& protocol, int workers, double seconds, int exit_code = 0) {
  return run_of(fmt::format(
      R"({{"protocol": "{}", "workers": {}, "solving_seconds": {}, "rounds": 7, "exit_code": {},
           "configuration": {{"target-gap": 1e-6}}}})",
      protocol, workers, seconds, exit_code));
}

TEST(MedianTable, ShowsMediansFromLeastToGreatest) {
  const std::vector<StoredRun> runs = {timed("sync", 16, 3),     timed("sync", 16, 1.5),
                                       timed("sync", 16, 2.25),  timed("sync", 4, 1234.4),
                                       timed("sync", 4, 2000.4), timed("async", 16, 0.012345)};
  EXPECT_EQ(median_table(runs, {{"workers"}, "protocol", {"solving_seconds"}}, ""),
            "| workers | async | sync |\n"
            "|---|---|---|\n"
            "| 4 |  | 1617 [1234 to 2000] |\n"
            "| 16 | 0.0123 | 2.25 [1.50 to 3] |\n");
  EXPECT_EQ(median_table(runs, {{"protocol"}, "", {"rounds", "workers"}}, ""),
            "| protocol | rounds | workers |\n"
            "|---|---|---|\n"
            "| async | 7 | 16 |\n"
            "| sync | 7 | 16 [4 to 16] |\n");
}

TEST(MedianTable, ARunThatFellShortHasTakenForever) {
  const std::vector<StoredRun> runs = {timed("sync", 4, 1),    timed("sync", 4, 2, 3),
                                       timed("sync", 4, 2, 3), timed("async", 4, 1),
                                       timed("async", 4, 2),   timed("async", 4, 2, 3)};
  EXPECT_EQ(median_table(runs, {{"protocol"}, "", {"solving_seconds"}}, ""),
            "| protocol | solving_seconds |\n"
            "|---|---|\n"
            "| async | 2 [1 to -] |\n"
            "| sync | - [1 to -] |\n");
}

TEST(MedianTable, ALimitIsShortOfAnyTarget) {
  const auto limited = [](const std::string& more) {
    return run_of(R"({"protocol": "sync", "solving_seconds": 1, "exit_code": 3,
                      "configuration": {"stop": "none")" +
                  more + "}}");
  };
  const auto table = [](const StoredRun& run) {
    return median_table(std::vector{run}, {{"protocol"}, "", {"solving_seconds"}}, "");
  };
  const std::string head = "| protocol | solving_seconds |\n|---|---|\n";
  EXPECT_EQ(table(limited(R"(, "target-loss": 0.1)")), head + "| sync | - |\n");
  EXPECT_EQ(table(limited(R"(, "target-gap": 0.1)")), head + "| sync | - |\n");
  EXPECT_EQ(table(limited("")), head + "| sync | 1 |\n");
}

TEST(MedianTable, WhatIsNoNumberIsRefused) {
  const std::vector<StoredRun> runs = {timed("sync", 4, 1)};
  EXPECT_THROW(median_table(runs, {{"workers"}, "", {"protocol"}}, "table: --value"), Error);
}

}  // namespace
}  // namespace laggard
