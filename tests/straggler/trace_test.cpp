#include "runners/fleets/straggler/trace.hpp"

#include "core/io/error.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace laggard {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string kHeading = "round,worker,dispatched,started,finished,arrived,outcome\n";

Trace parse(const std::string& rows, int workers) {
  return parse_trace(kHeading + rows, "t.csv", workers);
}

std::string error_of(const std::string& text, int workers = 1) {
  try {
    parse_trace(text, "t.csv", workers);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Trace, TasksAreInTheOrderInWhichTheWorkerBeganThem) {
  const Trace trace = parse(
      "2,0,3,3.25,3.250000001,4,accepted\n"
      "1,1,0,0.5,9,10,discarded\n"
      "1,0,0,1,3,3.5,accepted\n",
      2);
  ASSERT_EQ(trace[0].size(), 2u);
  EXPECT_EQ(trace[0][0].exact, Time(2'000'000'000));
  EXPECT_EQ(trace[0][1].exact, Time(1));
  EXPECT_EQ(trace[1][0].exact, Time(8'500'000'000));
  EXPECT_FALSE(trace[0][0].stopped || trace[0][0].crash);
}

TEST(Trace, RowsWithoutAReportCountAsWhatIsKnownOfThem) {
  const Trace trace = parse(
      "1,0,0,1,3,3.5,revoked\n"  // told to stop
      "1,0,1,,,3.5,revoked\n"    // dropped before it began: no task
      "2,0,2,4,6,9,failed\n"     // died then
      "2,0,2,,,9,failed\n"       // lost with it: no task
      "3,0,9,,,,unfinished\n"    // still under way when the recording ended
      "3,1,2,3,4,12,accepted\n",
      2);
  ASSERT_EQ(trace[0].size(), 3u);
  EXPECT_TRUE(trace[0][0].stopped);
  EXPECT_EQ(trace[0][0].exact, Time(2'000'000'000));
  EXPECT_EQ(trace[0][1].exact, Time(2'000'000'000));
  EXPECT_EQ(trace[0][1].crash, 1.0);
  EXPECT_EQ(trace[0][2].pause, Time(3'000'000'001)) << "nothing was heard of the worker";
  EXPECT_EQ(trace[0][2].exact, Time{});
  EXPECT_FALSE(trace[0][2].stopped);
}

TEST(Trace, AWorkerThatBeganNoneOfItsTasksIsNotHeardOfAgain) {
  const Trace trace = parse(
      "1,0,0,,,3.5,revoked\n"
      "1,1,0,0,3,3.5,accepted\n",
      2);
  ASSERT_EQ(trace[0].size(), 1u);
  EXPECT_EQ(trace[0][0].pause, Time(3'500'000'001));
}

TEST(Trace, AWorkerThatLetGoOfATaskWasNotInAPause) {
  const Trace trace = parse(
      "1,0,0,,,,revoked\n"     // under way when the recording ended
      "1,0,1,,,3.5,revoked\n"  // behind it
      "2,1,2,3,4,12,accepted\n",
      2);
  ASSERT_EQ(trace[0].size(), 1u);
  EXPECT_EQ(trace[0][0].exact, Time(12'000'000'001));
  EXPECT_EQ(trace[0][0].pause, Time{});
  EXPECT_TRUE(trace[0][0].stopped) << "the word did not end it then either";
}

TEST(Trace, TellsThePauseOfATaskFromItsComputation) {
  const Trace trace = parse_trace(
      "worker,dispatched,started,finished,arrived,compute,pause,outcome\n"
      "0,0,1,3,3.5,1.5,0.5,accepted\n"
      "0,3,4,5,5.5,0,1,revoked\n"  // told to stop in the pause
      "0,6,7,9,9.5,2,,accepted\n"
      "0,9,10,,,,,unfinished\n",
      "t.csv", 1);
  ASSERT_EQ(trace[0].size(), 4u);
  EXPECT_EQ(trace[0][0].pause, Time(500'000'000));
  EXPECT_EQ(trace[0][0].exact, Time(1'500'000'000));
  EXPECT_EQ(trace[0][1].pause, Time(1'000'000'000));
  EXPECT_EQ(trace[0][1].exact, Time{});
  EXPECT_TRUE(trace[0][1].stopped);
  EXPECT_EQ(trace[0][2].pause, Time{});
}

TEST(Trace, AWorkerWithMoreTasksMeetsThemAgain) {
  TemporaryDirectory temporary;
  const auto file =
      temporary.write("w+1.csv", kHeading + "1,0,0,0,1,1,accepted\n2,0,1,1,3,3,accepted\n");
  const auto model = make_straggler("trace:" + file.string(), 1, 1);
  for (int k = 0; k < 6; ++k)
    EXPECT_EQ(model->draw(0, k).exact, Time((k % 2 + 1) * 1'000'000'000LL));
}

TEST(Trace, StartsTakeWhatFleetCsvSays) {
  const std::string heading =
      "worker,incarnation,invoked,connected,ready,ended,cold_start,cold,end\n";
  TemporaryDirectory temporary;
  const auto file = temporary.write("workers.csv", kHeading + "1,0,0,0,1,1,accepted\n");
  const auto model = [&] { return make_straggler("trace:" + file.string(), 1, 1); };
  EXPECT_FALSE(model()->draw_start({0, 1}).exact) << "there is no fleet.csv";
  temporary.write("fleet.csv", heading +
                                   "0,1,0,26,26.5,50,26.5,1,\"lost, it said \"\"x\"\"\"\n"
                                   "0,2,50,,,52,,1,the run was over before it connected\n"
                                   "0,3,60,,,,,1,\n");
  EXPECT_EQ(model()->draw_start({0, 1}).exact, Time(26'500'000'000));
  EXPECT_EQ(model()->draw_start({0, 2}).exact, Time(2'000'000'001)) << "it was not ready by then";
  EXPECT_FALSE(model()->draw_start({0, 3}).exact) << "nothing is known of it";
  EXPECT_EQ(model()->draw_start({0, 1}).tail, Time{});

  const auto error_of_starts = [&](const std::string& text) -> std::string {
    try {
      parse_starts(text, "f.csv");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(error_of_starts("worker,incarnation\n"),
            "--straggler trace: f.csv:1: no column invoked; expected the fleet.csv of a run");
  EXPECT_THAT(error_of_starts(heading + "0,1,0,1\n"), HasSubstr("f.csv:2: 4 fields; expected 9"));
  EXPECT_THAT(error_of_starts(heading + "0,1,2,1,1,,,1,\n"),
              HasSubstr("f.csv:2: a start that ends before it begins"));
  EXPECT_THAT(error_of_starts(heading + "0,1,0,1,-1,,-1,1,\n"),
              HasSubstr("f.csv:2: \"-1\" is no time"));
  EXPECT_THAT(error_of_starts(heading + "0,0,0,1,1,,1,1,\n"), HasSubstr("f.csv:2: incarnation"));
}

TEST(Trace, ErrorsNameTheFileTheLineAndWhatWasExpected) {
  EXPECT_THAT(error_of(""), StartsWith("--straggler trace: t.csv:1: no column worker"));
  EXPECT_THAT(error_of(kHeading), HasSubstr("t.csv: holds no task of worker 0"));
  EXPECT_THAT(error_of(kHeading + "1,0,0,0,1,1,accepted\n", 2),
              HasSubstr("worker 1; expected some of each of the 2"));
  EXPECT_THAT(error_of(kHeading + "1,0,0,0,1\n"), HasSubstr("t.csv:2: 5 fields; expected 7"));
  EXPECT_THAT(error_of(kHeading + "1,x,0,0,1,1,accepted\n"), HasSubstr("t.csv:2: worker"));
  EXPECT_THAT(error_of(kHeading + "1,0,0,-1,1,1,accepted\n"),
              HasSubstr("t.csv:2: \"-1\" is no time"));
  EXPECT_THAT(error_of(kHeading + "1,0,0,0,1.0000000001,1,accepted\n"),
              HasSubstr("t.csv:2: \"1.0000000001\""));
  EXPECT_THAT(error_of(kHeading + "1,0,0,0,99999999999,1,accepted\n"),
              HasSubstr("t.csv:2: \"99999999999\""));
  EXPECT_THAT(error_of(kHeading + "1,0,0,2,1,1,accepted\n"),
              HasSubstr("t.csv:2: a task that ends before"));
  const std::string heading = "worker,dispatched,started,pause,finished,arrived,outcome\n";
  EXPECT_THAT(error_of(heading + "0,0,1,1.5,2,2,accepted\n"),
              HasSubstr("t.csv:2: a task that ends before its pause does"));
  EXPECT_THAT(error_of(heading + "0,0,1,x,2,2,accepted\n"), HasSubstr("t.csv:2: \"x\" is no time"));
  EXPECT_THROW(make_trace("/nowhere/w.csv.gz", 1), Error);
  EXPECT_THROW(make_trace("/tmp", 1), Error);
}

TEST(Trace, TheSpecKeepsTheFileAndGoesWithCrashAlone) {
  EXPECT_EQ(canonical_straggler("trace:runs/a+b/workers.csv.gz"), "trace:runs/a+b/workers.csv.gz");
  EXPECT_EQ(canonical_straggler("trace:a+crash"), "trace:a+crash:p=0.01");
  EXPECT_EQ(canonical_straggler("crash+trace:a+b"), "crash:p=0.01+trace:a+b");
  for (const char* bad :
       {"trace", "trace:", "trace:a+lambda", "fixed:1+trace:a", "trace:a+trace:b"})
    EXPECT_THROW(canonical_straggler(bad), Error) << bad;
}

}  // namespace
}  // namespace laggard
