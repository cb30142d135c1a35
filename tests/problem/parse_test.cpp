#include "core/io/parse.hpp"

#include "core/io/error.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <string>

namespace laggard {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <class Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string integer_error(const char* text) {
  return error_of([&] { parse_integer(text, "--workers", 1, 1'000'000); });
}

TEST(Parse, IntegersAreReadPlainAndInScientificNotation) {
  const auto read = [](const char* text) {
    return parse_integer(text, "k", std::numeric_limits<std::int64_t>::min(),
                         std::numeric_limits<std::int64_t>::max());
  };
  EXPECT_EQ(read("0"), 0);
  EXPECT_EQ(read("-12"), -12);
  EXPECT_EQ(read("+7"), 7);
  EXPECT_EQ(read("007"), 7);
  EXPECT_EQ(read("1e4"), 10000);
  EXPECT_EQ(read("1E+4"), 10000);
  EXPECT_EQ(read("2.5e3"), 2500);
  EXPECT_EQ(read("1200e-2"), 12);
  EXPECT_EQ(read("0e99999999999"), 0);
  EXPECT_EQ(read("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(read("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
}

TEST(Parse, WhatIsNoIntegerIsAnErrorThatShowsIt) {
  for (const char* text : {"", " 1", "1 ", "abc", "1.5", "2.55e1", "1e", "1e+", "1e-1", "e4",
                           ".5e1", "0x10", "nan", "inf", "--1", "1,000", "1e4x", "1e+-4"}) {
    EXPECT_EQ(integer_error(text),
              "--workers: \"" + std::string(text) +
                  "\" is not an integer; expected an integer from 1 to 1000000");
  }
}

TEST(Parse, IntegersOutOfRangeAreAnErrorThatShowsTheRange) {
  for (const char* text :
       {"0", "-5", "1000001", "1e7", "1e300", "1e99999999999", "99999999999999999999"}) {
    EXPECT_EQ(integer_error(text), "--workers: " + std::string(text) +
                                       " is out of range; expected an integer from 1 to 1000000");
  }
  EXPECT_EQ(error_of([] { parse_integer("-1", "k", 0, std::numeric_limits<std::int64_t>::max()); }),
            "k: -1 is out of range; expected an integer of at least 0");
}

TEST(Parse, LongOrUnprintableTextIsShownOnOneShortLine) {
  const std::string error = integer_error((std::string(1000, 'x') + "\n").c_str());
  EXPECT_LT(error.size(), 200u);
  EXPECT_EQ(integer_error("1\n2"),
            "--workers: \"1\\x0a2\" is not an integer; expected an integer from 1 to 1000000");
}

TEST(Parse, RealsAreReadAsFromCharsReadsThem) {
  EXPECT_EQ(parse_real("0.1", "x", 0, 1), 0.1);
  EXPECT_EQ(parse_real("-2.5e-3", "x", -1, 1), -2.5e-3);
  EXPECT_EQ(parse_real("+.5", "x", 0, 1), 0.5);
  EXPECT_EQ(parse_real("1e308", "x", 0, kInfinity), 1e308);
  EXPECT_EQ(parse_real("inf", "x", 0, kInfinity, true), kInfinity);
  EXPECT_EQ(parse_real("-inf", "x", -kInfinity, 0, true), -kInfinity);
}

TEST(Parse, NanAndUnaskedInfinityAreRefused) {
  const auto error = [](const char* text, bool infinity) {
    return error_of([&] { parse_real(text, "--rho", 0, kInfinity, infinity); });
  };
  EXPECT_EQ(error("nan", true),
            "--rho: \"nan\" is not a number; expected a number of at least 0, or inf");
  EXPECT_EQ(error("inf", false),
            "--rho: inf is out of range; expected a finite number of at least 0");
  EXPECT_EQ(error("1e400", false),
            "--rho: 1e400 is out of range; expected a finite number of at least 0");
  EXPECT_EQ(error("-1", false),
            "--rho: -1 is out of range; expected a finite number of at least 0");
  EXPECT_EQ(error("1x", false),
            "--rho: \"1x\" is not a number; expected a finite number of at least 0");
  EXPECT_EQ(error("+-1", false),
            "--rho: \"+-1\" is not a number; expected a finite number of at least 0");
  EXPECT_EQ(error_of([] { parse_real("3", "--relaxation", 0, 2); }),
            "--relaxation: 3 is out of range; expected a number from 0 to 2");
}

}  // namespace
}  // namespace laggard
