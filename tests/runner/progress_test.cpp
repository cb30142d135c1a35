#include "runners/runner/progress.hpp"

#include "runners/runner/describe.hpp"
#include "tests/runner/scripted_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <sstream>

namespace laggard {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const Terminal kFull{true, true, true, true};

// The rounds whose rows are in `text`.
std::vector<int> rounds_in(const std::string& text, const char* pattern) {
  const std::regex row(pattern);
  std::vector<int> rounds;
  for (std::sregex_iterator it(text.begin(), text.end(), row), end; it != end; ++it) {
    rounds.push_back(std::stoi((*it)[1]));
  }
  return rounds;
}

constexpr const char* kRow = "\n +([0-9]+) +0[.][0-9]{6} ";

TEST(Progress, MilestonesAreOneTwoFive) {
  std::vector<int> milestones;
  for (int k = -1; k <= 1000; ++k) {
    if (is_milestone(k)) milestones.push_back(k);
  }
  EXPECT_THAT(milestones, ElementsAre(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000));
}

TEST(Progress, RowsAreThoseOfMilestonesOfChangesOfRhoAndTheLast) {
  const auto plain = call({}, scripted(scripted_result(27), 13));
  EXPECT_THAT(rounds_in(plain.out, kRow), ElementsAre(1, 2, 5, 10, 13, 20, 27));
  const auto table = call({}, scripted(scripted_result(27), 13), kFull);
  EXPECT_THAT(rounds_in(table.out, kRow), ElementsAre(1, 2, 5, 10, 13, 20, 27));
}

TEST(Progress, TheLastRowIsNotPrintedTwice) {
  EXPECT_THAT(rounds_in(call({}, scripted(scripted_result(5))).out, kRow), ElementsAre(1, 2, 5));
}

// The command that the README is about, with an outcome that is written down.
Printed asynchronous(Terminal terminal, std::vector<std::string> more = {}) {
  RunResult result = scripted_result(20);
  result.info.data_name = "synthetic";
  result.info.workers = result.info.shards = 256;
  result.info.straggler = "lambda:p_tail=0.018,sigma_host=0.05";
  result.info.reference_objective = kNaN;
  result.summary.cost.emplace();
  result.summary.cost->requests = 256;
  result.summary.cost->estimated_gb_seconds = 16700;
  result.summary.cost->dollars = 0.28;
  result.summary.workers.resize(1);
  result.summary.workers[0].starts = 256;
  std::vector<std::string> command = {"--protocol", "async", "--tau", "4", "--workers", "256"};
  command.insert(command.end(), more.begin(), more.end());
  return call(command, scripted(result, 13), terminal);
}

TEST(Progress, IsThatOfTheGoldenPage) {
  const Printed printed = asynchronous({}, {"--rho", "2", "--gamma", "0.5"});
  EXPECT_EQ(printed.out, R"(data       synthetic: 30 samples x 2 features, 45 nonzeros
problem    logistic + l1:1
protocol   async: min-arrivals=1 tau=4
method     admm: anderson=0 gamma=0.5 rho=2 scaling=none
fleet      simulated as lambda: 256 workers, 256 shards, seed 1
straggler  lambda:p_tail=0.018,sigma_host=0.05
stop       certified gap 0.0001; at most 256000 tasks

 round     seconds       objective   primal     dual      rho taken
     1    0.001000     101.0000000 1.00e-01        - 1.00e+00     4
     2    0.002000     100.5000000 1.00e-01        - 1.00e+00     4
     5    0.005000     100.2000000 1.00e-01        - 1.00e+00     4
    10    0.010000     100.1000000 1.00e-01        - 1.00e+00     4
    13    0.013000     100.0769231 1.00e-01        - 2.00e+00     4
    20    0.020000     100.0500000 1.00e-01        - 2.00e+00     4

converged after 20 rounds: the certified gap is 0.5
objective  100.05, gap 0.05, certified gap 0.5
kkt        0.25, nonzeros 1 of 2
time       virtual 300 ms: start-up 100 ms, solving 200 ms; wall 2 s
workers    computed 750 ms in all
traffic    0 B up, 0 B down
work       80 tasks, 0 wasted; 0 passes over the data
lives      256 starts, 0 handed over, 0 lost
cost       0.28 $ at list price: 256 requests, 16700 GB s estimated
)");
  EXPECT_EQ(printed.err, "notice: labels 0 and 1 became -1 and +1\n");
}

TEST(Progress, APipeGetsWhatATerminalShowsButNoColourAndNoLiveLine) {
  const Printed pipe = asynchronous({.colour = true, .can_rewrite = true});
  EXPECT_THAT(pipe.out + pipe.err, Not(testing::AnyOf(HasSubstr("\033"), HasSubstr("\r"))));
  EXPECT_EQ(asynchronous({true, true, false, false}).out, pipe.out);
  EXPECT_EQ(asynchronous(kFull, {"--progress", "lines"}).out, pipe.out);
}

TEST(Progress, TheLiveLineFitsIntoANarrowTerminal) {
  Terminal narrow = kFull;
  narrow.columns = 40;
  const std::string rewrite = "\r\033[K";
  std::size_t longest = 0;
  const std::string err = asynchronous(narrow).err;
  for (std::size_t at = err.find(rewrite); at != err.npos; at = err.find(rewrite, at)) {
    at += rewrite.size();
    longest = std::max(longest, std::min(err.find_first_of("\r\n", at), err.size()) - at);
  }
  EXPECT_EQ(longest, 39u);
}

TEST(Progress, DecimalsOfTheObjectiveStandBelowEachOther) {
  const auto objectives = [](std::vector<double> values) {
    RoundTable table;
    std::vector<std::string> column;
    for (const double value : values) {
      RoundRow row;
      row.objective = value;
      column.push_back(table.row(row).substr(19, 15));
    }
    return column;
  };
  EXPECT_THAT(objectives({10607.259523631305, 5780.25, 99.5}),
              ElementsAre("    10607.25952", "     5780.25000", "       99.50000"));
  EXPECT_THAT(objectives({0.002, -0.5, 123456.0}),
              ElementsAre("    0.002000000", "   -0.500000000", " 1.23456000e+05"));
  EXPECT_THAT(objectives({1e12, kInfinity}), ElementsAre("  1000000000000", "              -"));
}

TEST(Progress, ATerminalGetsMessagesInEightyColumnsAndAFileInOneLine) {
  RunResult result = scripted_result(1);
  result.info.notices = {
      "labels 0 and 1 became -1 and +1, as the loss takes them and as all that is kept has them"};
  EXPECT_EQ(call({"--progress", "lines"}, scripted(result), {.err = true}).err,
            "notice: labels 0 and 1 became -1 and +1, as the loss takes them and as all that\n"
            "  is kept has them\n");
  EXPECT_EQ(call({}, scripted(result)).err, "notice: " + result.info.notices[0] + '\n');
  const std::vector<std::string> wrong = {"--protocol", "partial_barier"};
  const std::string told = call(wrong, scripted(result)).err;
  EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 1) << told;
  std::istringstream lines(call(wrong, scripted(result), {.err = true}).err);
  std::string all;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 80u);
    all += (all.empty() ? "" : " ") + line.substr(all.empty() ? 0 : 2);
  }
  EXPECT_EQ(all + '\n', told);
}

TEST(Progress, ATerminalGetsATableInColourAndALiveLineThatIsTakenAway) {
  const auto printed = call({}, scripted(scripted_result(4)), kFull);
  EXPECT_THAT(printed.out,
              HasSubstr("\033[32mconverged after 4 rounds: the certified gap is 0.5\033[0m\n"));
  EXPECT_THAT(printed.err, HasSubstr("\r\033[Kreading toy"));
  EXPECT_TRUE(printed.err.ends_with("\r\033[K"));
  RoundTable table;
  EXPECT_LT(table.heading().size(), 80u);
  EXPECT_EQ(table.row(scripted_row(100'000)).size(), table.heading().size());
}

TEST(Progress, NoColourWhereItIsNotWantedAndNoLiveLineOnADumbTerminal) {
  const auto plain = call({}, scripted(scripted_result(4)), {true, true, false, true});
  EXPECT_THAT(plain.out, Not(HasSubstr("\033")));
  const auto dumb = call({}, scripted(scripted_result(4)), {true, true, false, false});
  EXPECT_THAT(dumb.err, Not(HasSubstr("\r")));
}

TEST(Progress, NoneIsTheSummaryAlone) {
  const auto none = call({"--progress", "none"}, scripted(scripted_result(3)), kFull);
  EXPECT_THAT(none.out, Not(HasSubstr("problem ")));
  EXPECT_THAT(none.out, HasSubstr("converged after 3 rounds"));
}

TEST(Progress, TheHeaderNamesTheTargetAndItsReference) {
  const auto printed = call({"--target-gap", "1e-6"}, scripted(scripted_result(1)));
  EXPECT_THAT(printed.out, HasSubstr("protocol   sync\nmethod     admm\n")) << "nothing unusual";
  EXPECT_THAT(printed.out, HasSubstr("stop       gap 1e-06; at most 16000 tasks\n"
                                     "reference  100 (kkt 1.0e-11)\n\n"));
  EXPECT_THAT(printed.out, HasSubstr("       gap   primal "));
}

// What is given in full, as a run's own configuration gives it, is no more unusual than before.
TEST(Progress, TheHeaderNamesWhatIsUnusualNotWhatIsGiven) {
  const auto printed =
      call({"--relaxation", "1.5", "--anderson", "3"}, scripted(scripted_result(1)));
  EXPECT_THAT(printed.out, HasSubstr("method     admm: anderson=3\n"));
}

TEST(Progress, TheSummaryTellsStartUpFromSolvingAndPausesFromComputing) {
  RunResult result = scripted_result(1);
  const auto calm = call({}, scripted(result));
  EXPECT_THAT(calm.out, HasSubstr("time       virtual 300 ms: start-up 100 ms, solving 200 ms; "
                                  "wall 2 s\n"
                                  "workers    computed 750 ms in all\n"));
  result.summary.pause_seconds = 31.25;
  EXPECT_THAT(call({}, scripted(result)).out,
              HasSubstr("workers    computed 750 ms in all, paused 31.2 s\n"));
}

TEST(Describe, UnitsFollowTheSize) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(1'250'000), "1.25 MB");
  EXPECT_EQ(seconds_text(0), "0 s");
  EXPECT_EQ(seconds_text(3.5e-4), "350 us");
  EXPECT_EQ(seconds_text(0.25), "250 ms");
  EXPECT_EQ(seconds_text(94.56), "94.6 s");
  EXPECT_EQ(seconds_text(12345.6), "12346 s");
  EXPECT_EQ(seconds_text(kNaN), "-");
}

}  // namespace
}  // namespace laggard
