#include "core/results/trace_writer.hpp"

#include "core/io/error.hpp"
#include "tests/support/gunzip.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>

namespace laggard {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using namespace std::chrono_literals;
using testing::HasSubstr;

std::string refusal(const fs::path& file, bool overwrite = false) {
  try {
    TraceWriter::check(file, overwrite);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TaskRow task(WorkerId worker, Time dispatched, Time started, Time pause, Time finished,
             Time arrived, Time idle = kForever) {
  TaskRow row;
  row.round = 1;
  row.worker = worker;
  row.dispatched = dispatched;
  row.started = started;
  row.pause = pause;
  row.finished = finished;
  row.arrived = arrived;
  row.idle = idle;
  row.outcome = Outcome::accepted;
  return row;
}

// What `tell` tells, as the file holds it.
template <class Tell>
json::array traced(int workers, Tell tell, const Summary& summary = {}) {
  TemporaryDirectory temporary;
  const fs::path file = temporary.path() / "trace.json";
  TraceWriter writer(file, workers, "a run");
  tell(writer);
  writer.finish(summary);
  EXPECT_FALSE(fs::exists(file.string() + ".part"));
  return json::parse(read_text(file)).as_array();
}

// "name pid/tid ts+dur" of every slice, in the order of the file.
std::vector<std::string> slices(const json::array& events) {
  std::vector<std::string> found;
  for (const json::value& event : events) {
    if (event.at("ph") != "X") continue;
    const auto number = [&](const char* key) { return std::to_string(event.at(key).as_int64()); };
    found.push_back(std::string(event.at("name").as_string()) + ' ' + number("pid") + '/' +
                    number("tid") + ' ' + number("ts") + '+' + number("dur"));
  }
  return found;
}

std::string lane_name(const json::array& events, std::int64_t tid) {
  for (const json::value& event : events)
    if (event.at("name") == "thread_name" && event.at("tid") == tid)
      return std::string(event.at("args").at("name").as_string());
  return "";
}

TEST(TraceWriter, ATaskIsThreePartsOfItsWorkersLaneAndTwoMessages) {
  const json::array events = traced(
      2, [](TraceWriter& writer) { writer.on_task(task(1, 10us, 30us, 5us, 75us, 80us, 12us)); });
  EXPECT_EQ(slices(events),
            (std::vector<std::string>{"compute 2/11 35+40", "pause 2/11 30+5", "wait 2/11 18+12",
                                      "to the worker 3/13 10+20", "to the coordinator 3/13 75+5"}));
  EXPECT_EQ(lane_name(events, 11), "worker 1");
  EXPECT_EQ(lane_name(events, 13), "worker 1");
}

TEST(TraceWriter, WhatHasNoLengthOrNeverCameIsLeftOut) {
  const json::array events = traced(1, [](TraceWriter& writer) {
    writer.on_task(task(0, 10us, 10us + 499ns, 0us, 20us, kForever));
    writer.on_task(TaskRow());
  });
  EXPECT_EQ(slices(events), std::vector<std::string>{"compute 2/10 10+10"});
}

TEST(TraceWriter, RoundsEndsAndNotLengths) {
  const json::array events = traced(1, [](TraceWriter& writer) {
    writer.on_task(task(0, 0us, 1600ns, 1ns, 3400ns, 3600ns));
    writer.on_task(task(0, 3600ns, 4600ns, 0us, 5us, 6us, 1200ns));
  });
  EXPECT_EQ(slices(events),
            (std::vector<std::string>{"compute 2/10 2+1", "to the worker 3/11 0+2",
                                      "to the coordinator 3/11 3+1", "wait 2/10 3+2",
                                      "to the worker 3/11 4+1", "to the coordinator 3/11 5+1"}));
}

TEST(TraceWriter, MessagesThatOverlapGetLanesOfTheirOwn) {
  const json::array events = traced(1, [](TraceWriter& writer) {
    writer.on_task(task(0, 0us, 10us, 0us, 20us, 30us));
    writer.on_task(task(0, 0us, 20us, 0us, 30us, 40us));
  });
  EXPECT_EQ(slices(events),
            (std::vector<std::string>{"compute 2/10 10+10", "to the worker 3/11 0+10",
                                      "to the coordinator 3/11 20+10", "compute 2/10 20+10",
                                      "to the worker 3/12 0+20", "to the coordinator 3/11 30+10"}));
  EXPECT_EQ(lane_name(events, 12), "worker 0 (2)");
}

TEST(TraceWriter, WhatAWorkerSeemsToDoAtOnceIsDrawnShorter) {
  const json::array events = traced(1, [](TraceWriter& writer) {
    writer.on_task(task(0, 0us, 10us, 0us, 20us, 20us));
    writer.on_task(task(0, 20us, 18us, 0us, 30us, 30us, 1us));
  });
  EXPECT_EQ(slices(events),
            (std::vector<std::string>{"compute 2/10 10+10", "to the worker 3/11 0+10",
                                      "compute 2/10 20+10"}));
}

TEST(TraceWriter, CountersFollowTheRun) {
  const json::array events = traced(3, [](TraceWriter& writer) {
    for (WorkerId w = 0; w < 3; ++w) writer.on_submit(w, 5us);
    writer.on_answer(1, 7us);
    RoundRow row;
    row.round = 1;
    row.at = 8us;
    row.primal = 0.25;
    row.dual = kInfinity;  // which JSON does not have
    writer.on_round(row);
    writer.on_answer(0, 9us);
  });
  std::vector<std::string> counters;
  for (const json::value& event : events)
    if (event.at("ph") == "C")
      counters.push_back(std::to_string(event.at("ts").as_int64()) + ' ' +
                         json::serialize(event.at("args")));
  EXPECT_EQ(counters, (std::vector<std::string>{R"(5 {"under way":3})", R"(8 {"r":2.5E-1})",
                                                R"(7 {"under way":2})", R"(9 {"under way":1})"}));
}

TEST(TraceWriter, LivesAreStartsAndEnds) {
  Summary summary;
  LifeRow life;
  life.key = {0, 1};
  life.invoked = 0us;
  life.ready = 30us;
  life.ended = 90us;
  life.end = R"(it said "no")";
  LifeRow other = life;
  other.key = {0, 2};
  other.invoked = 20us;
  other.ready = kForever;
  other.end = "";
  summary.lives = {life, other};
  const json::array events = traced(1, [](TraceWriter&) {}, summary);
  EXPECT_EQ(slices(events),
            (std::vector<std::string>{"cold start 4/12 0+30", "failed start 4/13 20+70"}));
  std::vector<std::string> ends;
  for (const json::value& event : events)
    if (event.at("ph") == "i") ends.emplace_back(event.at("name").as_string());
  EXPECT_EQ(ends, (std::vector<std::string>{R"(it said "no")", "end", "the run ends: max_rounds"}));
}

TEST(TraceWriter, ARunThatDiesLeavesAPartThatCanBeRead) {
  TemporaryDirectory temporary;
  const fs::path file = temporary.path() / "trace.json.gz";
  {
    TraceWriter writer(file, 1, "a run");
    writer.on_task(task(0, 0us, 10us, 0us, 20us, 30us));
  }
  EXPECT_FALSE(fs::exists(file));
  std::string text = gunzip(file.string() + ".part");
  ASSERT_TRUE(text.ends_with("},\n"));
  text.replace(text.size() - 2, 2, "]");
  EXPECT_EQ(slices(json::parse(text).as_array()).size(), 3u);
}

TEST(TraceWriter, RefusesWhatItCannotWrite) {
  TemporaryDirectory temporary;
  const fs::path folder = temporary.path();
  EXPECT_EQ(refusal(folder / "trace.json"), "");
  EXPECT_THAT(refusal(folder / "trace.txt"),
              HasSubstr("expected one that ends in .json or .json.gz"));
  EXPECT_THAT(refusal(folder / "none" / "trace.json"), HasSubstr("its folder is not there"));
  write_text(folder / "trace.json", "precious");
  EXPECT_THAT(refusal(folder / "trace.json"), HasSubstr("is there already"));
  EXPECT_EQ(refusal(folder / "trace.json", true), "");
  fs::create_directory(folder / "is.json");
  EXPECT_THAT(refusal(folder / "is.json", true), HasSubstr("is a folder"));
}

}  // namespace
}  // namespace laggard
