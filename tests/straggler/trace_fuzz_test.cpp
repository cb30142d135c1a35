// Recordings that something damaged.
#include "core/io/error.hpp"
#include "runners/fleets/straggler/trace.hpp"
#include "tests/support/mutate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace laggard {
namespace {

const std::string kGood =
    "round,worker,dispatched,started,pause,finished,arrived,outcome\n"
    "1,0,0,0.5,0,3,3.5,accepted\n"
    "1,1,0,0.5,7.25,9.000000001,10,discarded\r\n"
    "2,0,4,4.25,0.5,4.75,5,revoked\n"
    "2,0,4,,,,5,revoked\n"
    "3,0,6,7,,8,9,failed\n"
    "3,1,10,,,,,unfinished\n";

// Far beyond what any run takes, and far from where a Time ends.
constexpr Time kLongest = std::chrono::seconds(1'000'000'001);

void expect_usable(const Trace& trace, const std::string& text) {
  ASSERT_EQ(trace.size(), 2u) << text;
  for (const std::vector<Slowdown>& tasks : trace) {
    EXPECT_FALSE(tasks.empty()) << text;
    for (const Slowdown& task : tasks) {
      ASSERT_TRUE(task.exact) << text;
      EXPECT_GE(*task.exact, Time{}) << text;
      EXPECT_GE(task.pause, Time{}) << text;
      EXPECT_LE(task.pause, kLongest) << text;
      EXPECT_LE(*task.exact, kLongest) << text;
    }
  }
}

TEST(TraceFuzz, AnyTextIsRefusedInOneLineOrIsATrace) {
  std::uint64_t read = 0, refused = 0;
  for (std::uint64_t seed = 1; seed <= seeds(5000); ++seed) {
    std::mt19937_64 random(seed);
    std::string text = kGood;
    mutate(text, random);
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    try {
      expect_usable(parse_trace(text, "t.csv", 2), text);
      ++read;
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_THAT(message, testing::StartsWith("--straggler trace: t.csv:"));
      EXPECT_TRUE(std::none_of(message.begin(), message.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20;
      })) << message;
      ++refused;
    }
  }
  EXPECT_GT(read, seeds(5000) / 20);
  EXPECT_GT(refused, seeds(5000) / 20);
}

TEST(TraceFuzz, WhatIsNoTimeIsRefused) {
  for (const char* bad : {"-", "-0", "-1", "+1", ".", ".5", "1.-5", "1.5.", "1.0000000001", "1e3",
                          "0x1", " 1", "nan", "1000000001", "9223372036.854775807"}) {
    const std::string text = "worker,dispatched,started,finished,arrived,outcome\n0,0," +
                             std::string(bad) + ",2000000000,3,accepted\n";
    try {
      parse_trace(text, "t.csv", 1);
      ADD_FAILURE() << bad;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("t.csv:2: "));
      EXPECT_THAT(error.what(), testing::HasSubstr(bad));
    }
  }
}

}  // namespace
}  // namespace laggard
