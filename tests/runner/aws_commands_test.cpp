#include "runners/runner/aws_commands.hpp"

#include "core/io/error.hpp"
#include "runners/runner/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace laggard {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(AwsCommands, DoctorNamesWhatItDoesNotUnderstand) {
  EXPECT_THAT([] { run_doctor({}); }, ThrowsMessage<Error>(HasSubstr("no --function")));
  EXPECT_THAT([] { run_doctor({"--functoin", "w"}); },
              ThrowsMessage<Error>(HasSubstr("--functoin")));
  EXPECT_THAT([] { run_doctor({"--function"}); }, ThrowsMessage<Error>(HasSubstr("no value")));
  EXPECT_THAT([] { run_doctor({"--function=w", "--workers", "0"}); },
              ThrowsMessage<Error>(HasSubstr("--workers")));
  EXPECT_THAT([] { run_doctor({"--function=w", "--listen=9000"}); },
              ThrowsMessage<Error>(HasSubstr("--listen")));
  const DoctorReport help = run_doctor({"--help"});
  EXPECT_TRUE(help.healthy);
  EXPECT_THAT(help.text, HasSubstr("Usage: runner doctor"));
}

TEST(AwsCommands, SmokeIsARunOfTwoWorkersForACentAtMost) {
  const RunConfig config =
      parse_command_line(smoke_options({"--function", "w", "--listen", "127.0.0.1:0"})).config;
  EXPECT_EQ(config.fleet, FleetKind::lambda);
  EXPECT_EQ(config.workers, 2);
  EXPECT_EQ(config.max_usd, 0.01);
  EXPECT_EQ(config.function, "w");
  EXPECT_EQ(
      parse_command_line(smoke_options({"--function", "w", "--max-usd", "0.5"})).config.max_usd,
      0.5);
}

}  // namespace
}  // namespace laggard
