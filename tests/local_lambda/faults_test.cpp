#include "runners/local_lambda/faults.hpp"

#include "core/io/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace laggard {
namespace {

using local::draw_fate;
using local::Fate;

std::string error_of(std::string_view text) {
  try {
    parse_faults(text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Faults, TextIsReadAndWritten) {
  const LocalFaults faults = parse_faults("kill=0.01,throttle=0.1,kill_every_seconds=1,seed=3");
  EXPECT_EQ(faults.kill, 0.01);
  EXPECT_EQ(faults.throttle, 0.1);
  EXPECT_EQ(faults.kill_every_seconds, 1);
  EXPECT_EQ(faults.seed, 3u);
  EXPECT_EQ(to_text(faults), "kill=0.01,kill_every_seconds=1,throttle=0.1,seed=3");
  EXPECT_EQ(to_text(parse_faults("")), "");
  const std::string all =
      "slow_start=0.1,slow_start_seconds=0.2,crash=0.3,kill=0.4,kill_every_seconds=0.5,stall=0.6,"
      "stall_seconds=0.7,drop=0.8,within_seconds=0.9,duplicate=0.11,ghost=0.12,ghost_seconds=0.13,"
      "throttle=0.14,server_error=0.15,seed=16";
  EXPECT_EQ(to_text(parse_faults(all)), all);
}

TEST(Faults, BadTextIsRefusedByName) {
  EXPECT_THAT(error_of("kil=1"), testing::HasSubstr("\"kil\""));
  EXPECT_THAT(error_of("kil=1"), testing::HasSubstr("kill"));
  EXPECT_THAT(error_of("kill=1.5"), testing::HasSubstr("kill: 1.5"));
  EXPECT_THAT(error_of("kill=x"), testing::HasSubstr("kill"));
  EXPECT_THAT(error_of("stall_seconds=-1"), testing::HasSubstr("stall_seconds"));
  EXPECT_THAT(error_of("seed=1.5"), testing::HasSubstr("seed"));
  EXPECT_THAT(error_of("kill"), testing::HasSubstr("key=value"));
  EXPECT_THAT(error_of("kill=0,kill=0"), testing::HasSubstr("twice"));
  EXPECT_THAT(error_of("kill=0,"), testing::HasSubstr("comma"));
  EXPECT_THAT(error_of(",kill=0"), testing::HasSubstr("key=value"));
}

TEST(Faults, FateIsAFunctionOfSeedAndNumber) {
  const auto told = [](std::string_view text, std::uint64_t from, std::uint64_t to) {
    std::vector<std::string> all;
    for (std::uint64_t i = from; i < to; ++i)
      all.push_back(to_text(draw_fate(parse_faults(text), i)));
    return all;
  };
  const std::string some = "kill=0.3,stall=0.3,ghost=0.3,throttle=0.3,seed=";
  EXPECT_EQ(told(some + "5", 0, 100), told(some + "5", 0, 100));
  EXPECT_NE(told(some + "5", 0, 100), told(some + "6", 0, 100));
  EXPECT_NE(told(some + "5", 0, 100), told(some + "5", 100, 200));
}

TEST(Faults, OneFaultDoesNotDependOnTheOthers) {
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const Fate alone = draw_fate(parse_faults("kill=0.2"), i);
    const Fate among = draw_fate(parse_faults("kill=0.2,crash=1,throttle=0.5,ghost=1"), i);
    EXPECT_EQ(alone.kill, among.kill);
  }
}

TEST(Faults, HappenAsOftenAsAskedAndWithinTheirTime) {
  const LocalFaults faults = parse_faults("kill=0.25,drop=1,within_seconds=2,seed=9");
  int kills = 0;
  double sum = 0;
  for (std::uint64_t i = 0; i < 10000; ++i) {
    const Fate fate = draw_fate(faults, i);
    kills += fate.kill.has_value();
    ASSERT_TRUE(fate.drop);
    ASSERT_GE(*fate.drop, Time::zero());
    ASSERT_LE(*fate.drop, std::chrono::seconds(2));
    sum += to_seconds(*fate.drop);
    ASSERT_FALSE(fate.crash || fate.stall || fate.throttle || fate.ghost);
  }
  EXPECT_NEAR(kills, 2500, 6 * std::sqrt(10000 * 0.25 * 0.75));  // 6 standard deviations
  EXPECT_NEAR(sum / 10000, 1, 6 * 2 / std::sqrt(12.0 * 10000));
}

TEST(Faults, NoneHappenUnlessAskedFor) {
  for (std::uint64_t i = 0; i < 1000; ++i) EXPECT_EQ(to_text(draw_fate({}, i)), "");
}

}  // namespace
}  // namespace laggard
