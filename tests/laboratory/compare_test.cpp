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
  const auto& rounds = measures[2].as_object();
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

TEST_F(Compare, WhatCannotBeComparedIsToldInOneLine) {
  expect_refused({"protocol=sync"},
                 "expected two groups of runs at least: folders, IDs or expressions");
  expect_refused({"protocol=sync", "protocol=coded"},
                 "protocol=coded: holds of no run below " + path("all"));
  expect_refused({"protocol=sync", "protocl=async"},
                 "protocl: no option or column of that name; did you mean protocol?");
  expect_refused({"protocol=sync", "protocol=async", "--fail-if", "tme > 1.1x"},
                 "--fail-if: tme: no option or column of that name; did you mean time?");
  expect_refused({"protocol=sync", "protocol=async", "--fail-if", "time=fastx"},
                 "--fail-if: time=fastx: fast is no number; expected one, as in time > 1.1x");
}

}  // namespace
}  // namespace laggard
