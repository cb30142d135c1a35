#include "runners/laboratory/results/filter.hpp"

#include "core/io/error.hpp"

#include <gtest/gtest.h>

#include <map>

namespace laggard {
namespace {

const std::vector<std::string> kNames = {"protocol", "workers", "straggler", "gap", "tau"};

bool holds_of(const std::string& text, const std::map<std::string, std::string>& run) {
  return holds(parse_filter(text, "--only", kNames),
               [&](const std::string& name) -> std::optional<std::string> {
                 const auto found = run.find(name);
                 if (found == run.end()) return std::nullopt;
                 return found->second;
               });
}

std::string refusal(const std::string& text) {
  try {
    parse_filter(text, "--only", kNames);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Filter, EveryConditionMustHold) {
  const std::map<std::string, std::string> run = {
      {"protocol", "async"}, {"workers", "64"}, {"gap", "1e-05"}};
  EXPECT_TRUE(holds_of("protocol=async", run));
  EXPECT_TRUE(holds_of("protocol=async,workers>=64", run));
  EXPECT_FALSE(holds_of("protocol=async,workers>64", run));
  EXPECT_TRUE(holds_of(" workers < 65 , workers != 63 ", run));
  EXPECT_TRUE(holds_of("workers=6.4e1", run)) << "numbers are equal as numbers";
  EXPECT_TRUE(holds_of("gap<=0.00001", run));
  EXPECT_FALSE(holds_of("protocol!=async", run));
}

TEST(Filter, WhatARunHasNotIsUnequalToAll) {
  EXPECT_FALSE(holds_of("tau=4", {}));
  EXPECT_TRUE(holds_of("tau!=4", {}));
  EXPECT_FALSE(holds_of("tau<4", {}));
  EXPECT_FALSE(holds_of("tau<4", {{"tau", "auto"}})) << "no number is in no order";
}

TEST(Filter, ACommaMayBelongToAValue) {
  const Filter filter = parse_filter("straggler=bimodal:p=0.05,factor=20,workers=4", "", kNames);
  ASSERT_EQ(filter.size(), 2u);
  EXPECT_EQ(filter[0].value, "bimodal:p=0.05,factor=20");
  EXPECT_EQ(filter[0].text, "straggler=bimodal:p=0.05,factor=20");
  EXPECT_EQ(filter[1].name, "workers");
}

TEST(Filter, WhatIsNoFilterIsToldInOneLine) {
  EXPECT_EQ(refusal("worker>=64"),
            "--only: worker: no option or column of that name; did you mean workers?");
  EXPECT_EQ(refusal("zzzzzzzz=1"),
            "--only: zzzzzzzz: no option or column of that name; see runner columns");
  EXPECT_EQ(refusal("workers"),
            "--only: workers is no condition; expected NAME=VALUE, or !=, <, <=, >, >=, "
            "separated by commas");
  EXPECT_EQ(refusal(""),
            "--only: nothing is no condition; expected NAME=VALUE, or !=, <, <=, >, >=, separated "
            "by commas");
  EXPECT_EQ(refusal("workers>many"),
            "--only: workers>many: many is no number; expected one after <, <=, > or >=");
  EXPECT_EQ(refusal("workers!4"),
            "--only: workers!4 is no condition; expected NAME=VALUE, or !=, <, <=, >, >=, "
            "separated by commas");
}

}  // namespace
}  // namespace laggard
