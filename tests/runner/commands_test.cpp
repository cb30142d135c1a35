// The commands of the program, told from options.
#include "runners/runner/commands/command.hpp"

#include "core/schedule/protocol.hpp"
#include "tests/runner/scripted_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace laggard {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Printed call_runner(const std::vector<std::string>& arguments) {
  return call(arguments, scripted(scripted_result(3)));
}

std::string refusal(const std::vector<std::string>& arguments) {
  const Printed printed = call_runner(arguments);
  EXPECT_EQ(printed.code, kExitUsage);
  EXPECT_EQ(printed.out, "");
  EXPECT_EQ(printed.err.find('\n'), printed.err.size() - 1) << "one line";
  return printed.err;
}

TEST(Commands, RunIsWhatIsDoneWithoutACommand) {
  const Printed plain = call_runner({"--json", "--quiet", "--workers", "4"});
  EXPECT_EQ(plain.code, kExitSuccess);
  EXPECT_EQ(call_runner({"run", "--json", "--quiet", "--workers", "4"}).out, plain.out);
}

TEST(Commands, UnknownWordsNameTheNearestCommand) {
  EXPECT_THAT(refusal({"protocls"}), HasSubstr("did you mean protocols?"));
  EXPECT_THAT(refusal({"new"}), HasSubstr("did you mean new-method?"));
  EXPECT_THAT(refusal({"frobnicate"}), HasSubstr("frobnicate: unknown command; options are"));
  EXPECT_THAT(refusal({"run", "x"}), HasSubstr("x: unexpected argument"));
  EXPECT_THAT(refusal({"help", "protocol"}), HasSubstr("did you mean protocols?"));
  EXPECT_THAT(refusal({"version", "x"}), HasSubstr("x: unexpected argument"));
  EXPECT_THAT(refusal({"completion"}), HasSubstr("expected bash, zsh or fish"));
}

TEST(Commands, AnswerHelpAndVersion) {
  for (const Command& command : commands()) {
    const Printed help = call_runner({command.text.name, "--help"});
    EXPECT_EQ(help.code, kExitSuccess) << command.text.name;
    EXPECT_THAT(help.out, StartsWith("Usage: runner ")) << command.text.name;
    EXPECT_EQ(call_runner({"help", command.text.name}).out, help.out);
  }
  const Printed version = call_runner({"version"});
  EXPECT_THAT(version.out, StartsWith("laggard "));
  EXPECT_EQ(call_runner({"--version"}).out, version.out);
}

TEST(Commands, ProtocolsAreListedAndDescribed) {
  EXPECT_THAT(call_runner({"protocols"}).out, HasSubstr("\n  sync "));
  EXPECT_THAT(call_runner({"protocols", "sync"}).out, StartsWith("sync "));
  EXPECT_THAT(refusal({"protocols", "snyc"}), HasSubstr("did you mean sync?"));
  EXPECT_THAT(refusal({"protocols", "partial_bar"}), HasSubstr("did you mean partial_barrier?"));
  EXPECT_THAT(refusal({"protocols", "--jsno"}), HasSubstr("did you mean --json?"));
  EXPECT_THAT(refusal({"protocols", "sync", "async"}), HasSubstr("expected one name at most"));
}

TEST(Commands, ProtocolsAreJsonForPrograms) {
  const boost::json::value all = boost::json::parse(call_runner({"protocols", "--json"}).out);
  EXPECT_EQ(all.as_array().size(), protocols().size());
  const boost::json::value one =
      boost::json::parse(call_runner({"protocols", "test_bounded", "--json"}).out);
  EXPECT_EQ(one.at("name"), "test_bounded");
  EXPECT_EQ(one.at("options").at(0).at("name"), "test-tau");
  EXPECT_EQ(one.at("options").at(0).at("default"), "8");
}

// A round that takes 3 ms must come out as 3 ms, whatever start-up takes.
TEST(Commands, BenchTellsRoundsApartFromTheirStart) {
  const Execute execute = [&](const RunConfig& config, RunObserver&, const std::atomic<bool>&) {
    RunResult result = scripted_result(1);
    Summary& summary = result.summary;
    const auto rounds = static_cast<double>(config.session.max_rounds.value());
    summary.stop = StopReason::max_rounds;
    summary.startup_seconds = 0.5 + 1e-4 * rounds;
    summary.fleet_seconds = summary.startup_seconds + 0.25 + 3e-3 * rounds;
    summary.tasks = 1000;
    summary.machine.simulator = 4e-4;
    summary.machine.coordinator = 1e-4;
    return result;
  };
  const Printed printed = call({"bench", "--workers", "5", "--json"}, execute);
  ASSERT_EQ(printed.code, kExitSuccess) << printed.err;
  const auto page = boost::json::parse(printed.out).as_object();
  EXPECT_NEAR(page.at("star_plain_ms").as_double(), 3, 1e-9);
  EXPECT_NEAR(page.at("star_tls_ms").as_double(), 3, 1e-9);
  EXPECT_NEAR(page.at("simulator_256_us").as_double(), 0.5, 1e-12);
  for (const char* name : {"memory_gb_per_s", "gradient_ms", "gradient_share", "margin_ns"})
    EXPECT_GT(page.at(name).as_double(), 0) << name;
}

TEST(Commands, BenchRefusesARunThatDidNotMakeItsRounds) {
  EXPECT_THAT(refusal({"bench"}), HasSubstr("bench: a run ended with converged"));
  EXPECT_THAT(refusal({"bench", "--workers", "0"}), HasSubstr("--workers: 0"));
  EXPECT_THAT(refusal({"bench", "x"}), HasSubstr("expected options alone"));
}

}  // namespace
}  // namespace laggard
