// `runner fit-fleet`: of a simulated run the truth is known.
#include "runners/runner/fleet_model.hpp"
#include "tests/runner/program.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>

namespace laggard {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
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
  void write_truth(const std::string& straggler) {
    FleetModel truth = find_fleet_model("lambda", "test");
    for (FleetConstant& constant : truth.constants) {
      if (constant.name == "seconds-per-operation") constant.value = 2e-8;
      if (constant.name == "task-overhead") constant.value = 4e-3;
      if (constant.name == "latency") constant.value = 2e-3;
      if (constant.name == "cold-start") constant.value = 0.125;
      if (constant.name == "straggler") constant.spec = straggler;
    }
    std::ofstream(path("truth.json")) << fleet_model_text(truth);
  }
  // The file holds the interval, and the program prints it.
  void expect_sigma(const FleetModel& model, double truth, double tolerance) {
    const FleetConstant& straggler = model.at("straggler");
    ASSERT_THAT(straggler.spec, StartsWith("lognormal:sigma="));
    EXPECT_NEAR(std::stod(straggler.spec.substr(16)), truth, tolerance);
    ASSERT_TRUE(straggler.interval);
    EXPECT_LE(straggler.interval->first, truth);
    EXPECT_GE(straggler.interval->second, truth);
    EXPECT_LT(straggler.interval->second - straggler.interval->first, truth);
    EXPECT_THAT(out(),
                HasSubstr(fmt::format("{}, {:.3g} to {:.3g}\n", straggler.spec,
                                      straggler.interval->first, straggler.interval->second)));
  }
  double number_after(const std::string& words) {
    const std::size_t at = out().find(words);
    EXPECT_NE(at, std::string::npos) << out();
    return at == std::string::npos ? 0 : std::stod(out().substr(at + words.size()));
  }
};

TEST_F(FitFleet, RecoversTheConstantsOfASimulatedRun) {
  write_truth("lognormal:sigma=0.2");
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
  expect_sigma(fitted, 0.2, 0.03);
  EXPECT_THAT(out(), Not(HasSubstr("warning")));
  EXPECT_EQ(fitted.price, "lambda") << "as the run tells what it costs";
  // And sim takes, under what was found, what it took under the truth.
  const double measured = number_after("the run      ");
  EXPECT_NEAR(number_after("s measured, "), measured, 0.05 * measured);
}

// None of its tasks ran beside another: how they vary is seen over time.
TEST_F(FitFleet, OfOneWorkerTheSpreadIsThatOverTime) {
  write_truth("lognormal:sigma=0.2");
  record({"--fleet-model", path("truth.json"), "--workers", "1"});
  ASSERT_EQ(run({"fit-fleet", path("run"), "-o", path("mine.json")}), 0) << err();
  const FleetModel fitted = find_fleet_model(path("mine.json"), "test");
  EXPECT_NEAR(fitted.at("seconds-per-operation").value, 2e-8, 3e-9);
  expect_sigma(fitted, 0.2, 0.05);
  const double measured = number_after("the run      ");
  EXPECT_NEAR(number_after("s measured, "), measured, 0.1 * measured);
}

// One worker of eight is slower by more than any lognormal factor that is searched.
TEST_F(FitFleet, ASpreadBeyondTheSearchIsToldAndLeavesThePriceAlone) {
  write_truth("persistent:share=0.125,factor=10000");
  record({"--fleet-model", path("truth.json")});
  ASSERT_EQ(run({"fit-fleet", path("run"), "-o", path("mine.json")}), 0) << err();
  EXPECT_THAT(out(), HasSubstr("warning: the tasks vary by more than a lognormal factor of sigma "
                               "up to 3 tells; this model has no stragglers, "));
  const FleetModel fitted = find_fleet_model(path("mine.json"), "test");
  EXPECT_EQ(fitted.at("straggler").spec, "none");
  EXPECT_NEAR(fitted.at("seconds-per-operation").value, 2e-8, 3e-9);
}

// A model has no pauses, and one start for all: what the run has of these is told, and not
// compared.
TEST_F(FitFleet, PausesAndLateStartsAreToldAndNotCompared) {
  record({"--fleet-model", "invocations", "--straggler", "invocations:overhead=0.5,p_round=0"});
  ASSERT_EQ(run({"fit-fleet", path("run"), "-o", path("mine.json")}), 0) << err();
  EXPECT_THAT(out(), HasSubstr("\nwarning: 480 of 480 tasks were paused by the platform, for 9"));
  EXPECT_THAT(out(), ContainsRegex("\nthe run      [0-9.]+ s measured with pauses, [0-9.]+ s "
                                   "predicted without\n"));
  EXPECT_THAT(out(), ContainsRegex("\nits rounds   [0-9.]+ s measured with pauses, "));
  EXPECT_THAT(out(), Not(HasSubstr("latest start")));
  EXPECT_GT(number_after("the run      "), 60 * 0.5);
  EXPECT_LT(number_after("with pauses, "), 60 * 0.5);
  record({"--straggler", "lambda:p_tail=0.2,sigma_host=0"});
  ASSERT_EQ(run({"fit-fleet", path("run"), "-o", path("mine.json")}), 0) << err();
  EXPECT_THAT(out(), HasSubstr("\nwarning: the latest start took 3"));
  EXPECT_THAT(out(), ContainsRegex("\nthe run      [0-9.]+ s measured with late starts, "));
  EXPECT_THAT(out(), ContainsRegex("\nits rounds   [0-9.]+ s measured, "));
  EXPECT_THAT(out(), Not(HasSubstr("paused")));
}

TEST_F(FitFleet, TakesARunOnThreads) {
  record({"--fleet", "threads"});
  ASSERT_EQ(run({"fit-fleet", path("run"), "-o", path("mine.json")}), 0) << err();
  const FleetModel fitted = find_fleet_model(path("mine.json"), "test");
  EXPECT_EQ(fitted.at("cold-start").value, 0);
  EXPECT_EQ(fitted.price, "");
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
