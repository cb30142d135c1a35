// --trace, held against the rows that --output keeps of the same run.
#include "core/task/types.hpp"
#include "tests/runner/program.hpp"
#include "tests/support/gunzip.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <sstream>
#include <utility>

namespace laggard {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::HasSubstr;

// The rows of a table by the names of its columns; what is empty is no entry.
using Row = std::map<std::string, double>;
std::vector<Row> read_rows(const std::string& text) {
  const auto cells = [](const std::string& line) {
    std::vector<std::string> found(1);
    for (const char c : line) {
      if (c == ',')
        found.emplace_back();
      else
        found.back() += c;
    }
    return found;
  };
  std::istringstream in(text);
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> names = cells(line);
  std::vector<Row> rows;
  while (std::getline(in, line)) {
    const std::vector<std::string> values = cells(line);
    Row& row = rows.emplace_back();
    for (std::size_t i = 0; i < names.size(); ++i)
      if (!values[i].empty() && names[i] != "outcome" && names[i] != "end")
        row[names[i]] = std::stod(values[i]);
  }
  return rows;
}

std::int64_t in_microseconds(double seconds) { return std::llround(seconds * 1e6); }

class Trace : public Program {
 protected:
  void run_traced(std::vector<std::string> arguments) {
    for (const std::string& more : {std::string("--output"), path("run"), std::string("--trace"),
                                    path("trace.json.gz"), std::string("--quiet")})
      arguments.push_back(more);
    const int code = run(arguments);
    ASSERT_TRUE(code == 0 || code == 3) << err();
    EXPECT_FALSE(fs::exists(path("trace.json.gz.part")));
    events_ = json::parse(gunzip(path("trace.json.gz"))).as_array();
    tasks_ = read_rows(gunzip(path("run/workers.csv.gz")));
    rounds_ = read_rows(read_text(path("run/iterations.csv")));
    lives_ = read_rows(read_text(path("run/fleet.csv")));
    ASSERT_FALSE(tasks_.empty());
  }

  // Integer ids and times, lanes with names, no slice without length, none over another.
  void expect_well_formed() {
    std::map<std::pair<std::int64_t, std::int64_t>,
             std::vector<std::pair<std::int64_t, std::int64_t>>>
        lanes;
    std::set<std::pair<std::int64_t, std::int64_t>> named;
    for (const json::value& event : events_) {
      const json::object& fields = event.as_object();
      ASSERT_TRUE(fields.at("pid").is_int64()) << fields;
      const std::string phase(fields.at("ph").as_string());
      const std::int64_t pid = fields.at("pid").as_int64();
      const bool has_lane = fields.contains("tid");
      if (phase != "M") {
        ASSERT_TRUE(fields.at("ts").is_int64()) << fields;
      }
      if (!has_lane) continue;
      ASSERT_TRUE(fields.at("tid").is_int64()) << fields;
      const std::pair lane(pid, fields.at("tid").as_int64());
      if (fields.at("name") == "thread_name") named.insert(lane);
      if (phase == "i") {
        EXPECT_TRUE(named.contains(lane)) << fields;
      }
      if (phase != "X") continue;
      ASSERT_GT(fields.at("dur").as_int64(), 0) << fields;
      const std::int64_t begin = fields.at("ts").as_int64();
      lanes[lane].emplace_back(begin, begin + fields.at("dur").as_int64());
    }
    EXPECT_FALSE(lanes.empty());
    for (auto& [lane, slices] : lanes) {
      EXPECT_TRUE(named.contains(lane)) << lane.second;
      std::sort(slices.begin(), slices.end());
      for (std::size_t i = 1; i < slices.size(); ++i)
        ASSERT_LE(slices[i - 1].second, slices[i].first) << "lane " << lane.second;
    }
  }

  // Each end of a slice is rounded to a microsecond.
  void expect_sum(const std::string& category, const std::vector<Row>& rows,
                  const std::string& column) {
    double sum = 0, expected = 0;
    std::int64_t count = 0;
    for (const json::value& event : events_)
      if (event.at("ph") == "X" && event.at("cat").as_string() == category)
        sum += static_cast<double>(event.at("dur").as_int64());
    for (const Row& row : rows) {
      if (!row.contains(column)) continue;
      expected += row.at(column) * 1e6;
      ++count;
    }
    const int ends = category == "communication" ? 4 : 2;  // of a task's slices
    EXPECT_NEAR(sum, expected, 0.5 * ends * static_cast<double>(count)) << category;
  }

  std::vector<const json::object*> of_phase(const char* phase, const char* name = nullptr) const {
    std::vector<const json::object*> found;
    for (const json::value& event : events_)
      if (event.at("ph").as_string() == phase && (!name || event.at("name").as_string() == name))
        found.push_back(&event.as_object());
    return found;
  }

  json::array events_;
  std::vector<Row> tasks_, rounds_, lives_;
};

using Case = std::vector<std::string>;
class TraceOfFleet : public Trace, public testing::WithParamInterface<Case> {};

TEST_P(TraceOfFleet, HoldsTheTimesOfTheRows) {
  std::vector<std::string> arguments{
      "--synthetic", "n=4000,d=50,density=0.1", "--stop", "none", "--max-rounds", "30"};
  arguments.insert(arguments.end(), GetParam().begin(), GetParam().end());
  run_traced(arguments);
  expect_well_formed();
  expect_sum("compute", tasks_, "compute");
  expect_sum("pause", tasks_, "pause");
  expect_sum("waiting", tasks_, "idle");
  expect_sum("communication", tasks_, "communication");
  expect_sum("start", lives_, "cold_start");
}

INSTANTIATE_TEST_SUITE_P(
    All, TraceOfFleet,
    testing::Values(
        Case{"--protocol", "sync", "--straggler", "lambda"},
        Case{"--protocol", "sync", "--workers", "4", "--shards", "10"},
        Case{"--protocol", "async", "--tau", "4", "--straggler", "bimodal:p=0.05,factor=10"},
        Case{"--protocol", "partial_barrier", "--straggler", "shifted_exponential"},
        Case{"--protocol", "coded", "--straggler", "lambda+crash:p=0.001"},
        Case{"--protocol", "backup", "--straggler", "lambda", "--function-timeout", "2"},
        Case{"--fleet", "threads", "--workers", "4", "--protocol", "async"},
        Case{"--fleet", "threads", "--workers", "2", "--shards", "6"}));

TEST_F(Trace, HasAnUpdateARoundAndItsResiduals) {
  run_traced({"--synthetic", "n=1000,d=20,density=0.2", "--workers", "3", "--stop", "none",
              "--max-rounds", "20"});
  auto updates = of_phase("i");
  std::erase_if(updates, [](const auto* event) { return event->at("cat") != "update"; });
  ASSERT_EQ(updates.size(), 20u);
  ASSERT_EQ(rounds_.size(), 20u);
  const auto residuals = of_phase("C", "residual");
  ASSERT_EQ(residuals.size(), rounds_.size());
  for (std::size_t i = 0; i < rounds_.size(); ++i) {
    const Row& round = rounds_[i];
    EXPECT_EQ(updates[i]->at("ts").as_int64(), in_microseconds(round.at("virtual_s")));
    EXPECT_EQ(updates[i]->at("args").at("round").to_number<double>(), round.at("round"));
    // Boost.JSON reads numbers up to their last digit.
    const auto expect_number = [](const json::value& value, double expected) {
      EXPECT_DOUBLE_EQ(value.to_number<double>(), expected);
    };
    expect_number(updates[i]->at("args").at("objective"), round.at("objective"));
    expect_number(residuals[i]->at("args").at("r"), round.at("primal"));
    expect_number(residuals[i]->at("args").at("s"), round.at("dual"));
  }
}

// At each value of the counter, so many tasks had been sent and had not come back.
TEST_F(Trace, CountsTheTasksUnderWay) {
  run_traced({"--synthetic", "n=1000,d=20,density=0.2", "--workers", "5", "--protocol", "async",
              "--service-time", "0", "--straggler", "bimodal:p=0.2,factor=10", "--stop", "none",
              "--max-rounds", "40"});
  const auto counters = of_phase("C", "tasks");
  ASSERT_GT(counters.size(), 40u);
  for (const json::object* counter : counters) {
    const std::int64_t at = counter->at("ts").as_int64();
    std::int64_t expected = 0;
    for (const Row& task : tasks_) {
      const bool came = task.contains("arrived") && in_microseconds(task.at("arrived")) <= at;
      expected += in_microseconds(task.at("dispatched")) <= at && !came;
    }
    EXPECT_EQ(counter->at("args").at("under way").as_int64(), expected) << at;
  }
}

TEST_F(Trace, ChangesNoNumber) {
  const std::vector<std::string> base{
      "--synthetic", "n=1000,d=20,density=0.2", "--stop", "none", "--max-rounds", "12", "--json"};
  EXPECT_EQ(run(base), 3) << err();
  const json::value digest = result().at("schedule_digest");
  std::vector<std::string> traced = base;
  traced.insert(traced.end(), {"--trace", path("trace.json")});
  EXPECT_EQ(run(traced), 3) << err();
  EXPECT_EQ(result().at("schedule_digest"), digest);
  EXPECT_TRUE(json::parse(read_text(path("trace.json"))).is_array());
  // It is there now, and not lost to a second run.
  EXPECT_EQ(run(traced), 2);
  EXPECT_THAT(err(), HasSubstr("trace.json: is there already; expected another name"));
  traced.emplace_back("--overwrite");
  EXPECT_EQ(run(traced), 3) << err();
}

TEST_F(Trace, AKilledRunLeavesThePart) {
  const pid_t child = start({"--synthetic", "n=2000,d=50,density=0.1", "--workers", "4", "--stop",
                             "none", "--max-rounds", "1e9", "--trace", path("trace.json.gz")});
  while (gunzip(path("trace.json.gz.part")).find("\"name\":\"z 2\"") == std::string::npos)
    std::this_thread::yield();
  ::kill(child, SIGKILL);
  EXPECT_EQ(wait(child), -SIGKILL);
  EXPECT_FALSE(fs::exists(path("trace.json.gz")));
  // Every line up to the last whole one is an event.
  std::istringstream part(gunzip(path("trace.json.gz.part")));
  std::string line;
  std::getline(part, line);
  EXPECT_EQ(line, "[");
  int events = 0;
  while (std::getline(part, line) && line.ends_with("},")) {
    line.pop_back();
    EXPECT_TRUE(json::parse(line).is_object());
    ++events;
  }
  EXPECT_GT(events, 10);
}

TEST_F(Trace, IsRefusedBeforeTheRunWhereItCannotBe) {
  EXPECT_EQ(run({"--trace", path("trace.txt")}), 2);
  EXPECT_THAT(err(), HasSubstr("runner: --trace: "));
  EXPECT_EQ(run({"--trace", path("none/trace.json")}), 2);
  EXPECT_THAT(err(), HasSubstr("its folder is not there"));
}

}  // namespace
}  // namespace laggard
