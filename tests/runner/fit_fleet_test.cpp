// `runner fit-fleet`: of a simulated run the truth is known.
#include "runners/runner/fleet_model.hpp"
#include "tests/runner/program.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

namespace laggard {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class FitFleet : public Program {
 protected:
  // Exit code 2 and one line, and no model.
  void expect_refused(const std::vector<std::string>& arguments, const std::string& line) {
    EXPECT_EQ(run(arguments), 2);
    const std::string told = err();
    EXPECT_THAT(told, HasSubstr(line));
    EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 1) << told;
    EXPECT_FALSE(std::filesystem::exists(path("mine.json")));
  }
  void record(const std::vector<std::string>& more) {
    std::vector<std::string> all = {
        "--workers", "8",        "--synthetic",  "n=16000,d=100,density=0.1",
        "--stop",    "none",     "--max-rounds", "60",
        "--quiet",   "--output", path("run"),    "--overwrite"};
    all.insert(all.end(), more.begin(), more.end());
    ASSERT_EQ(run(all), 3) << err();
  }
  void expect_within(const FleetModel& model, const std::string& constant, double truth) {
    const FleetConstant& found = model.at(constant);
    ASSERT_TRUE(found.interval) << constant;
    EXPECT_LE(found.interval->first, truth) << constant;
    EXPECT_GE(found.interval->second, truth) << constant;
    EXPECT_NEAR(found.value, truth, 0.15 * truth) << constant;
  }
  double number_after(const std::string& words) {
    const std::size_t at = out().find(words);
    EXPECT_NE(at, std::string::npos) << out();
    return at == std::string::npos ? 0 : std::stod(out().substr(at + words.size()));
  }
};

TEST_F(FitFleet, RecoversTheConstantsOfASimulatedRun) {
  std::ofstream(path("truth.json")) << [] {
    FleetModel truth = find_fleet_model("lambda", "test");
    for (FleetConstant& constant : truth.constants) {
      if (constant.name == "seconds-per-operation") constant.value = 2e-8;
      if (constant.name == "task-overhead") constant.value = 4e-3;
      if (constant.name == "latency") constant.value = 2e-3;
      if (constant.name == "cold-start") constant.value = 0.125;
      if (constant.name == "straggler") constant.spec = "lognormal:sigma=0.2";
    }
    return fleet_model_text(truth);
  }();
  record({"--fleet-model", path("truth.json"), "--bandwidth", "inf", "--service-time", "1e-4,0"});
  ASSERT_EQ(run({"fit-fleet", path("run"), "-o", path("mine.json")}), 0) << err();
  EXPECT_THAT(out(), HasSubstr("fitted to 480 tasks"));
  const FleetModel fitted = find_fleet_model(path("mine.json"), "test");
  EXPECT_EQ(fitted.name, "mine");
  expect_within(fitted, "seconds-per-operation", 2e-8);
  expect_within(fitted, "task-overhead", 4e-3);
  expect_within(fitted, "latency", 2e-3);
  EXPECT_NEAR(fitted.at("service-seconds").value, 1e-4, 1e-8);
  EXPECT_NEAR(fitted.at("cold-start").value, 0.125, 1e-6);
  ASSERT_THAT(fitted.at("straggler").spec, StartsWith("lognormal:sigma="));
  EXPECT_NEAR(std::stod(fitted.at("straggler").spec.substr(16)), 0.2, 0.03);
  // And sim takes, under what was found, what it took under the truth.
  const double measured = number_after("the run      ");
  EXPECT_NEAR(number_after("s measured, "), measured, 0.05 * measured);
}

TEST_F(FitFleet, TakesARunOnThreads) {
  record({"--fleet", "threads"});
  ASSERT_EQ(run({"fit-fleet", path("run"), "-o", path("mine.json")}), 0) << err();
  const FleetModel fitted = find_fleet_model(path("mine.json"), "test");
  EXPECT_EQ(fitted.at("cold-start").value, 0);
  EXPECT_GT(fitted.at("seconds-per-operation").value, 1e-11);
  EXPECT_LT(fitted.at("seconds-per-operation").value, 1e-6);
  // It is a fleet like any other.
  EXPECT_EQ(
      run({"--fleet-model", path("mine.json"), "--max-rounds", "2", "--stop", "none", "--quiet"}),
      3)
      << err();
}

TEST_F(FitFleet, WhatIsNoResultIsRefusedInOneLine) {
  expect_refused({"fit-fleet"}, "fit-fleet: no folder given; expected DIR -o FILE.json");
  expect_refused({"fit-fleet", path("nowhere"), "-o", path("mine.json")},
                 "nowhere: no run.json; expected the folder of a finished run with --output");
  std::filesystem::create_directory(path("odd"));
  std::ofstream(path("odd/run.json")) << "{}";
  expect_refused({"fit-fleet", path("odd"), "-o", path("mine.json")},
                 "run.json: no configuration; expected the run.json of a run");
  record({"--max-rounds", "1"});
  expect_refused({"fit-fleet", path("run")}, "fit-fleet: -o: not given; expected FILE.json");
  expect_refused(
      {"fit-fleet", path("run"), "-o", path("mine.json")},
      "run: 1 round of tasks is too few to fit to; expected a run of at least 10 rounds");
  ASSERT_EQ(run({"--method", "payload", "--workers", "2", "--quiet", "--output", path("times")}),
            0);
  expect_refused({"fit-fleet", path("times"), "-o", path("mine.json")},
                 "times: tasks of method payload take what they are told to; expected a run of "
                 "another method");
  record({"--max-rounds", "0"});
  expect_refused({"fit-fleet", path("run"), "-o", path("mine.json")},
                 "run: no task with times that came back; expected a run of at least one round");
  expect_refused({"fit-fleet", path("run"), "-o", path("mine")},
                 "mine is no name for a model; expected FILE.json");
  std::filesystem::remove(path("run/workers.csv.gz"));
  expect_refused({"fit-fleet", path("run"), "-o", path("mine.json")},
                 "workers.csv.gz: no such file; expected the folder of a finished run");
  std::ofstream(path("run/workers.csv.gz")) << "round,worker\n";
  expect_refused(
      {"fit-fleet", path("run"), "-o", path("mine.json")},
      "workers.csv.gz:1: no column shard; expected the results of a run of this version");
}

}  // namespace
}  // namespace laggard
