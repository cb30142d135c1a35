// runner compare, on real runs.
#include "tests/runner/program.hpp"

#include <gmock/gmock.h>
#include <boost/json.hpp>

namespace laggard {
namespace {

using testing::HasSubstr;
using Arguments = std::vector<std::string>;

class Compare : public Program {
 protected:
  void SetUp() override {
    for (const char* protocol : {"sync", "async"})
      for (const char* seed : {"1", "2", "3"})
        ASSERT_EQ(run({"--data", std::string(LAGGARD_DATA_DIR) + "/heart.svm.gz", "--workers", "4",
                       "--protocol", protocol, "--seed", seed, "--max-rounds", "40", "--stop",
                       "none", "--reference", "102.66782752699847", "--quiet", "--output",
                       path(std::string("all/") + protocol + seed)}),
                  3)
            << err();
  }
  void expect_refused(Arguments arguments, const std::string& message) {
    arguments.insert(arguments.begin(), "compare");
    arguments.insert(arguments.end(), {"--in", path("all")});
    EXPECT_EQ(run(arguments), 2);
    EXPECT_EQ(err(), "runner: compare: " + message + "\n");
  }
};

// The rounds are those of iterations.csv, found here by reading it.
TEST_F(Compare, RoundsToAGapAreThoseOfTheFile) {
  ASSERT_EQ(run({"compare", "protocol=sync", "protocol=async", "--in", path("all"), "--gap", "1e-3",
                 "--json"}),
            0)
      << err();
  const auto measures = result().at("measures").as_array();
  const auto& rounds = measures[3].as_object();
  ASSERT_EQ(rounds.at("measure"), "rounds");
  std::istringstream lines(read_text(path("all/sync1/iterations.csv")));
  int expected = 0;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string field;
    for (int i = 0; i < 5; ++i) std::getline(fields, field, ',');
    ++expected;
    if (std::stod(field) <= 1e-3) break;
  }
  EXPECT_EQ(rounds.at("groups").at(0).at("values").at(0).to_number<int>(), expected);
  EXPECT_EQ(rounds.at("groups").at(1).at("test"), "wilcoxon") << "seeds pair up";
  EXPECT_TRUE(rounds.at("groups").at(0).at("ratio").is_null());
}

TEST_F(Compare, StartUpAndSolvingAreTheTime) {
  ASSERT_EQ(run({"compare", "protocol=sync", "protocol=async", "--in", path("all"), "--gap", "1e-3",
                 "--json"}),
            0)
      << err();
  const auto measures = result().at("measures").as_array();
  const auto value = [&](std::size_t place, const char* name) {
    EXPECT_EQ(measures[place].at("measure"), name);
    return measures[place].at("groups").at(0).at("values").at(0).to_number<double>();
  };
  const std::string kept = read_text(path("all/sync1/run.json"));
  const double startup = boost::json::parse(kept).at("startup_seconds").to_number<double>();
  EXPECT_GT(startup, 0);
  EXPECT_EQ(value(1, "startup"), startup);
  EXPECT_NEAR(value(1, "startup") + value(2, "solving"), value(0, "time"), 1e-12);
}

TEST_F(Compare, DollarsAreToldOnlyWhereSomebodyPays) {
  ASSERT_EQ(run({"--data", "heart", "--workers", "4", "--fleet-model", "ideal", "--target-gap",
                 "1e-3", "--quiet", "--output", path("all/ideal")}),
            0)
      << err();
  const Arguments all = {"compare",
                         "protocol=sync,fleet-model=lambda",
                         "fleet-model=ideal",
                         "--in",
                         path("all"),
                         "--gap",
                         "1e-3"};
  ASSERT_EQ(run(all), 0) << err();
  const std::string table = out().substr(out().find("dollars"));
  EXPECT_THAT(table, testing::MatchesRegex("dollars *A  3/3 [^\n]*\n *B *\n.*")) << out();
}

TEST_F(Compare, FailsWhereItIsAskedTo) {
  const Arguments groups = {"compare",   "protocol=sync", "protocol=async", "--in",
                            path("all"), "--gap",         "1e-3",           "--fail-if"};
  Arguments fails = groups, holds = groups;
  fails.push_back("rounds > 1.1x");
  holds.push_back("rounds>1000x,time<0");
  EXPECT_EQ(run(fails), 6);
  EXPECT_THAT(err(), HasSubstr("runner: compare: --fail-if rounds > 1.1x: protocol=async is "));
  EXPECT_THAT(out(), HasSubstr("to a relative gap of 0.001\n  A: protocol=sync (3 runs)\n"));
  std::istringstream lines(out());
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
  EXPECT_EQ(run(holds), 0) << err();
}

// What a run of this length certifies is far from 1e-9, and its own best is no optimum.
TEST_F(Compare, WithoutAReferenceGapsAreToTheBoundThatARunCertified) {
  double certified = 0;
  for (const char* seed : {"1", "2"}) {
    ASSERT_EQ(run({"--data", "heart", "--workers", "4", "--max-rounds", "3", "--seed", seed,
                   "--quiet", "--output", path(std::string("short/") + seed)}),
              3)
        << err();
    const std::string kept = read_text(path(std::string("short/") + seed + "/run.json"));
    certified = boost::json::parse(kept).at("certified_gap").to_number<double>();
  }
  ASSERT_GT(certified, 1e-6);
  const auto reached = [&](double gap) {
    EXPECT_EQ(
        run({"compare", path("short/1"), path("short/2"), "--gap", std::to_string(gap), "--json"}),
        0)
        << err();
    const auto compared = result();
    EXPECT_THAT(std::string(compared.at("notices").at(0).as_string()),
                HasSubstr("gaps are those to the best lower bound that a run certified"));
    return compared.at("measures").at(3).at("groups").at(0).at("reached").to_number<int>();
  };
  EXPECT_EQ(reached(certified * 0.9), 0);
  EXPECT_EQ(reached(certified * 1.1), 1);
}

TEST_F(Compare, NeverIsNoMultipleOfNever) {
  for (const char* protocol : {"sync", "async"})
    ASSERT_EQ(run({"--data", "heart", "--workers", "4", "--max-rounds", "3", "--protocol", protocol,
                   "--quiet", "--output", path(std::string("short/") + protocol)}),
              3)
        << err();
  Arguments asked = {"compare",     "protocol=sync", "protocol=async", "--in",
                     path("short"), "--gap",         "1e-30",          "--json"};
  ASSERT_EQ(run(asked), 0) << err();
  const auto compared = result();
  for (const auto& measure : compared.at("measures").as_array()) {
    EXPECT_EQ(measure.at("groups").at(1).at("reached"), 0);
    EXPECT_TRUE(measure.at("groups").at(1).at("ratio").is_null());
  }
  asked.back() = "--fail-if";
  asked.emplace_back("time > 1.1x");
  EXPECT_EQ(run(asked), 6);
  EXPECT_EQ(err(),
            "runner: compare: --fail-if time > 1.1x: protocol=sync and protocol=async never came "
            "to the gap, so that there is no ratio\n");
}

TEST_F(Compare, ADamagedFileOfRoundsIsRefused) {
  const std::string file = path("all/sync2/iterations.csv"), whole = read_text(file);
  const auto refusal = [&](std::size_t size) {
    write_text(file, whole.substr(0, size));
    EXPECT_EQ(run({"compare", "protocol=sync", "protocol=async", "--in", path("all")}), 2);
    EXPECT_EQ(out(), "");
    return err();
  };
  EXPECT_THAT(refusal(whole.find(',', whole.find("\n3,") + 5)),
              HasSubstr("runner: compare: " + file + ":4: "));
  EXPECT_EQ(refusal(whole.find("\n4,") + 1),
            "runner: compare: " + file + ": ends at round 3; expected 40, as run.json tells\n");
}

TEST_F(Compare, WhatCannotBeComparedIsToldInOneLine) {
  expect_refused({"protocol=sync"},
                 "expected two groups of runs at least: folders, IDs or expressions");
  expect_refused({"protocol=sync", "protocol=coded"},
                 "protocol=coded: holds of no run below " + path("all"));
  expect_refused({"protocol=sync", "protocl=async"},
                 "protocl: no option or column of that name; did you mean protocol?");
  expect_refused({"protocol=sync", "protocol=async", "--fail-if", "tme > 1.1x"},
                 "--fail-if: tme > 1.1x: tme is not what groups are compared by; expected time, "
                 "startup, solving, rounds, bytes, dollars");
  expect_refused({"protocol=sync", "protocol=async", "--fail-if", "time=fastx"},
                 "--fail-if: time=fastx: fast is no number; expected one, as in time > 1.1x");
}

}  // namespace
}  // namespace laggard
