#include "core/io/error.hpp"
#include "runners/runner/command_line.hpp"
#include "runners/runner/commands/command.hpp"
#include "tests/runner/scripted_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace laggard {
namespace {

using testing::HasSubstr;

std::string refusal(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "doctor");
  const Printed printed = call(arguments, scripted(scripted_result(1)));
  EXPECT_EQ(printed.code, kExitUsage);
  return printed.err;
}

TEST(AwsCommands, DoctorNamesWhatItDoesNotUnderstand) {
  EXPECT_THAT(refusal({}), HasSubstr("no --function"));
  EXPECT_THAT(refusal({"--functoin", "w"}), HasSubstr("did you mean --function?"));
  EXPECT_THAT(refusal({"--function"}), HasSubstr("no value"));
  EXPECT_THAT(refusal({"--function=w", "--workers", "0"}), HasSubstr("--workers"));
  EXPECT_THAT(refusal({"--function=w", "--listen=9000"}), HasSubstr("--listen"));
}

TEST(AwsCommands, SmokeIsARunOfTwoWorkersForACentAtMost) {
  const RunConfig config =
      parse_command_line(smoke_options({"--function", "w", "--listen", "127.0.0.1:0"})).config;
  EXPECT_EQ(config.fleet.kind, FleetKind::lambda);
  EXPECT_EQ(config.fleet.workers, 2);
  EXPECT_EQ(config.fleet.invoke.max_usd, 0.01);
  EXPECT_EQ(config.fleet.invoke.function, "w");
  EXPECT_EQ(parse_command_line(smoke_options({"--function", "w", "--max-usd", "0.5"}))
                .config.fleet.invoke.max_usd,
            0.5);
}

}  // namespace
}  // namespace laggard
