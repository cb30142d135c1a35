#include "core/problem/decimal.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>

namespace laggard {
namespace {

// The value of all of `text`, nothing if that is not a number.
std::optional<double> parse(const std::string& text) {
  const std::string terminated = text + '\n';
  double value = 0;
  const char* const limit = terminated.data() + text.size();
  if (parse_decimal(terminated.data(), limit, value) != limit) return std::nullopt;
  return value;
}

void expect_as_strtod(const std::string& text) {
  const auto value = parse(text);
  ASSERT_TRUE(value.has_value()) << text;
  EXPECT_EQ(std::bit_cast<std::uint64_t>(*value),
            std::bit_cast<std::uint64_t>(std::strtod(text.c_str(), nullptr)))
      << text;
}

TEST(Decimal, SpecialShapesEqualStrtodBitForBit) {
  for (const char* text : {"0",
                           "-0",
                           "+0",
                           "0.0",
                           "1",
                           "-1",
                           "+1",
                           "1.",
                           ".5",
                           "-.5",
                           "+.5e1",
                           "1e0",
                           "1E5",
                           "1e+5",
                           "1e-5",
                           "00001",
                           "0.000000000000000000000001",
                           "9007199254740992",
                           "9007199254740993",
                           "9007199254740993e22",
                           "1e22",
                           "1e23",
                           "1e-22",
                           "1e-23",
                           "9999999999999999999",
                           "18446744073709551616",
                           "18446744073709551617e-5",
                           "123456789012345678901234567890",
                           "0.1e1",
                           "1e308",
                           "1.7976931348623157e308",
                           "1.7976931348623159e308",
                           "1e309",
                           "-1e309",
                           "1e99999999999999999999",
                           "2.2250738585072014e-308",
                           "4.9e-324",
                           "5e-324",
                           "2e-324",
                           "-1e-400",
                           "0e999999",
                           "0.000e-999999",
                           "1e-99999999999999999999",
                           "100000000000000000000000000000e-400",
                           "0.0000000000000000000001e350",
                           "8.98846567431158e307",
                           "2.47e-324",
                           "2.4703282292062327e-324",
                           "2.4703282292062328e-324"}) {
    expect_as_strtod(text);
  }
}

TEST(Decimal, RandomShortestAndRoundedNumbersEqualStrtodBitForBit) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) {
    const double any = std::bit_cast<double>(random());
    if (std::isfinite(any)) expect_as_strtod(fmt::format("{}", any));
    const double small =
        static_cast<double>(random()) * std::ldexp(1, -64 - static_cast<int>(random() % 40));
    expect_as_strtod(fmt::format("{:.{}g}", small, 1 + random() % 25));
    expect_as_strtod(fmt::format("{:.{}f}", small * 1000, random() % 25));
  }
}

TEST(Decimal, RandomDigitsEqualStrtodBitForBit) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 100'000; ++i) {
    std::string text = random() % 2 ? "-" : "";
    const auto digits = 1 + random() % 24;
    const auto point = random() % 30;
    for (std::uint64_t k = 0; k < digits; ++k) {
      if (k == point) text += '.';
      text += static_cast<char>('0' + random() % 10);
    }
    if (random() % 2) text += fmt::format("e{}", static_cast<int>(random() % 61) - 30);
    expect_as_strtod(text);
  }
}

TEST(Decimal, WhatIsNoNumberIsRefused) {
  for (const char* text :
       {"",    "-",  "+",   ".",   "-.",    "e5",   ".e5", "+-1", "-+1", "--1",
        "abc", "1e", "1e+", "1e-", "1.2.3", "0x10", "1,5", "1 ",  " 1",  "1_000"}) {
    EXPECT_FALSE(parse(text).has_value()) << text;
  }
}

TEST(Decimal, InfinityAndNanAreReadForTheCallerToRefuse) {
  EXPECT_EQ(parse("inf"), HUGE_VAL);
  EXPECT_EQ(parse("-Infinity"), -HUGE_VAL);
  EXPECT_TRUE(std::isnan(parse("nan").value()));
}

}  // namespace
}  // namespace laggard
