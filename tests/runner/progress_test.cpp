#include "runners/runner/progress.hpp"

#include "runners/runner/describe.hpp"
#include "tests/runner/scripted_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

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

constexpr const char* kPlainRow = "round=([0-9]+) ";
constexpr const char* kTableRow = "\n +([0-9]+) +[0-9.]+ m?s ";

TEST(Progress, MilestonesAreOneTwoFive) {
  std::vector<int> milestones;
  for (int k = -1; k <= 1000; ++k) {
    if (is_milestone(k)) milestones.push_back(k);
  }
  EXPECT_THAT(milestones, ElementsAre(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000));
}

TEST(Progress, RowsAreThoseOfMilestonesOfChangesOfRhoAndTheLast) {
  const auto plain = call({}, scripted(scripted_result(27), 13));
  EXPECT_THAT(rounds_in(plain.out, kPlainRow), ElementsAre(1, 2, 5, 10, 13, 20, 27));
  const auto table = call({}, scripted(scripted_result(27), 13), kFull);
  EXPECT_THAT(rounds_in(table.out, kTableRow), ElementsAre(1, 2, 5, 10, 13, 20, 27));
}

TEST(Progress, TheLastRowIsNotPrintedTwice) {
  EXPECT_THAT(rounds_in(call({}, scripted(scripted_result(5))).out, kPlainRow),
              ElementsAre(1, 2, 5));
}

TEST(Progress, APipeGetsPlainLinesInFullPrecision) {
  const auto printed =
      call({}, scripted(scripted_result(2)), {.colour = true, .can_rewrite = true});
  EXPECT_THAT(printed.out + printed.err, Not(HasSubstr("\033")));
  EXPECT_THAT(printed.out + printed.err, Not(HasSubstr("\r")));
  EXPECT_THAT(printed.out, HasSubstr("round=1 time=0.001 objective=101 gap=1 primal=0.1 rho=1 "
                                     "accepted=4 discarded=0\n"));
  EXPECT_EQ(printed.err, "notice: labels 0 and 1 became -1 and +1\n");
}

TEST(Progress, ATerminalGetsATableInColourAndALiveLineThatIsTakenAway) {
  const auto printed = call({}, scripted(scripted_result(4)), kFull);
  EXPECT_THAT(printed.out,
              HasSubstr("\033[32mconverged after 4 rounds: the certified gap is 0.5\033[0m\n"));
  EXPECT_THAT(printed.err, HasSubstr("\r\033[Kreading toy"));
  EXPECT_TRUE(printed.err.ends_with("\r\033[K"));
  for (const auto& line : {table_heading(), table_row(scripted_row(100000))}) {
    EXPECT_LT(line.size(), 80u) << line;
  }
}

TEST(Progress, NoColourWhereItIsNotWantedAndNoLiveLineOnADumbTerminal) {
  const auto plain = call({}, scripted(scripted_result(4)), {true, true, false, true});
  EXPECT_THAT(plain.out, Not(HasSubstr("\033")));
  const auto dumb = call({}, scripted(scripted_result(4)), {true, true, false, false});
  EXPECT_THAT(dumb.err, Not(HasSubstr("\r")));
}

TEST(Progress, ChoosesAStyleWhenTold) {
  const auto lines = call({"--progress", "lines"}, scripted(scripted_result(3)), kFull);
  EXPECT_THAT(rounds_in(lines.out, kPlainRow), ElementsAre(1, 2, 3));
  EXPECT_THAT(lines.out + lines.err, Not(HasSubstr("\033")));
  const auto none = call({"--progress", "none"}, scripted(scripted_result(3)), kFull);
  EXPECT_THAT(none.out, Not(HasSubstr("problem")));
  EXPECT_THAT(none.out, HasSubstr("converged after 3 rounds"));
}

TEST(Progress, TheHeaderSaysWhatRuns) {
  const auto printed = call({"--target-gap", "1e-6", "--rho", "2"}, scripted(scripted_result(1)));
  EXPECT_THAT(printed.out,
              HasSubstr("problem    toy: 30 samples x 2 features, 45 nonzeros; logistic, l1:1\n"));
  EXPECT_THAT(printed.out, HasSubstr("protocol   sync; admm rho=2"));
  EXPECT_THAT(printed.out,
              HasSubstr("fleet      simulated as lambda, 4 workers, 4 shards, straggler lambda"));
  EXPECT_THAT(printed.out, HasSubstr("stop       gap 1e-06; at most 16000 tasks\n"));
  EXPECT_THAT(printed.out, HasSubstr("reference  100 (kkt 1.0e-11)\n"));
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
