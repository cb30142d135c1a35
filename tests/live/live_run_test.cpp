#include "runners/live/live_run.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <chrono>

namespace laggard::live {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

json::object document(const LiveRun& run) { return json::parse(run.document()).as_object(); }

Heading heading(int workers) {
  Heading heading;
  heading.title = "sync";
  heading.lines = {"problem \"toy\""};
  heading.workers = workers;
  return heading;
}

RoundRow round_row(int round) {
  RoundRow row;
  row.round = round;
  row.at = Time(round * 1'000'000LL);
  row.objective = 1.0 / round;
  row.primal = kInfinity;
  row.bytes_up = 3;
  return row;
}

TEST(LiveRun, TellsHowItIsPreparedAndHowItEnded) {
  LiveRun run;
  run.on_phase("reading");
  EXPECT_EQ(document(run).at("phase"), "reading");
  run.on_start(heading(2));
  EXPECT_EQ(document(run).at("phase"), "");
  EXPECT_EQ(document(run).at("heading").as_array().at(0), "problem \"toy\"");
  EXPECT_EQ(document(run).at("ended"), "");
  Summary summary;
  LifeRow life;
  life.key = {1, 1};
  life.invoked = 0s;
  life.ended = 1s;
  life.end = "it fell silent";
  summary.lives = {life};
  summary.cost.emplace();
  summary.cost->dollars = 0.5;
  run.on_end("converged", &summary);
  EXPECT_EQ(document(run).at("ended"), "converged");
  EXPECT_EQ(document(run).at("states"), "-x");
  EXPECT_EQ(document(run).at("losses"), 1);
  EXPECT_EQ(document(run).at("cost").at("dollars"), 0.5);
}

TEST(LiveRun, StartUpIsToldApart) {
  LiveRun run;
  run.on_start(heading(2));
  run.on_moment(3s);
  EXPECT_TRUE(document(run).at("startup_s").is_null()) << "it goes on";
  run.on_startup(2500ms);
  EXPECT_EQ(document(run).at("fleet_s"), 3.0);
  EXPECT_EQ(document(run).at("startup_s"), 2.5);
}

// All that a run was in which a shard is never taken in.
TEST(LiveRun, ARunThatNeverCameToSolvingWasAllStartUp) {
  LiveRun run;
  run.on_start(heading(2));
  Summary summary;
  summary.fleet_seconds = summary.startup_seconds = 7;
  run.on_end("a limit", &summary);
  EXPECT_EQ(document(run).at("startup_s"), 7.0);
}

TEST(LiveRun, WorkersAreBusyWhileATaskOfTheirsIsUnderWay) {
  LiveRun run;
  run.on_start(heading(3));
  run.on_submit(1, 5us);
  run.on_submit(1, 7us);
  run.on_submit(2, 7us);
  EXPECT_EQ(document(run).at("states"), "iww");
  EXPECT_EQ(document(run).at("busy_since_us").at(1), 5);
  run.on_answer(2, 9us);
  run.on_answer(1, 9us);
  EXPECT_EQ(document(run).at("states"), "iwi");
  EXPECT_EQ(document(run).at("tasks"), 3);
}

// However long the run, the curve has some hundred points, evenly spaced, with the last round.
TEST(LiveRun, TheCurveIsThinned) {
  LiveRun run;
  run.on_start(heading(1));
  constexpr int kRounds = 12'345;
  for (int k = 1; k <= kRounds; ++k) run.on_round(round_row(k));
  const json::object seen = document(run);
  const json::object& curve = seen.at("curve").as_object();
  const json::array& rounds = curve.at("round").as_array();
  EXPECT_GT(rounds.size(), 150u);
  EXPECT_LE(rounds.size(), 401u);
  EXPECT_EQ(rounds.front(), 1);
  EXPECT_EQ(rounds.back(), kRounds);
  const std::int64_t step = rounds.at(1).as_int64() - 1;
  for (std::size_t i = 0; i + 1 < rounds.size(); ++i)
    ASSERT_EQ(rounds.at(i), 1 + static_cast<std::int64_t>(i) * step);
  for (const auto& [name, values] : curve) EXPECT_EQ(values.as_array().size(), rounds.size());
  EXPECT_TRUE(curve.at("primal").at(0).is_null());
  EXPECT_DOUBLE_EQ(curve.at("objective").at(1).to_number<double>(),
                   1.0 / static_cast<double>(1 + step));
  EXPECT_EQ(seen.at("bytes_up"), 3 * kRounds);
}

TEST(LiveRun, TheTimelineIsThatOfTheLastRounds) {
  LiveRun run;
  run.on_start(heading(4));
  for (int k = 1; k <= 40; ++k) {
    for (WorkerId w = 0; w < 4; ++w) {
      TaskRow row;
      row.round = k;
      row.worker = w;
      row.dispatched = k * 1ms;
      run.on_task(row);
    }
    run.on_round(round_row(k));
  }
  const json::object seen = document(run);
  const json::object& timeline = seen.at("timeline").as_object();
  EXPECT_EQ(timeline.at("round").at(0), 29);
  EXPECT_EQ(timeline.at("round").as_array().size(), 12u * 4);
  EXPECT_EQ(timeline.at("dispatched_us").at(0), 29'000);
  EXPECT_TRUE(timeline.at("arrived_us").at(0).is_null());
  EXPECT_EQ(seen.at("updates_us").as_array().size(), 12u);
}

}  // namespace
}  // namespace laggard::live
