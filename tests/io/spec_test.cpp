#include "core/io/spec.hpp"

#include "core/io/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace laggard {
namespace {

using testing::ElementsAre;

constexpr std::array<std::string_view, 2> kKeys = {"mu", "factor"};

std::string refusal(std::string_view text, std::span<const std::string_view> keys = kKeys) {
  try {
    parse_settings(text, "--option", keys);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Spec, AListHasOneItemMoreThanCommas) {
  EXPECT_THAT(split_list("a,bc,"), ElementsAre("a", "bc", ""));
  EXPECT_THAT(split_list(""), ElementsAre(""));
}

TEST(Spec, ANameMayHaveArguments) {
  EXPECT_THAT(split_spec("l1").arguments, ElementsAre());
  EXPECT_THAT(split_spec("l1:").arguments, ElementsAre(""));
  const Spec box = split_spec("box:-1,inf");
  EXPECT_EQ(box.name, "box");
  EXPECT_THAT(box.arguments, ElementsAre("-1", "inf"));
}

TEST(Spec, SettingsAreReadInAnyOrderAndMayHoldAnEqualsSign) {
  const auto settings = parse_settings("factor=2,mu=a=b", "--option", kKeys);
  ASSERT_EQ(settings.size(), 2u);
  EXPECT_EQ(settings[0].key, "factor");
  EXPECT_EQ(settings[0].value, "2");
  EXPECT_EQ(settings[1].key, "mu");
  EXPECT_EQ(settings[1].value, "a=b");
  EXPECT_TRUE(parse_settings("", "--option", kKeys).empty());
}

TEST(Spec, WhatIsWrongWithASettingIsSaid) {
  constexpr const char* kPairs = "expected key=value pairs, separated by commas, of mu, factor";
  EXPECT_EQ(refusal("mu"), std::string("--option: \"mu\"; ") + kPairs);
  EXPECT_EQ(refusal("mu=1,"), std::string("--option: \"mu=1,\"; ") + kPairs);
  EXPECT_EQ(refusal(",mu=1"), std::string("--option: \",mu=1\"; ") + kPairs);
  EXPECT_EQ(refusal("nu=1"), "--option: unknown key \"nu\"; expected one of mu, factor");
  EXPECT_EQ(refusal("mu=1,mu=1"), "--option: key \"mu\" is given twice; expected it once");
  EXPECT_EQ(refusal("mu=1", {}), "--option: \"mu=1\"; it has no parameters");
}

}  // namespace
}  // namespace laggard
