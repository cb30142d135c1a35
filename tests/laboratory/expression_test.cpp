#include "runners/laboratory/matrix/expression.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace laggard {
namespace {

std::optional<double> named(std::string_view name) {
  static const std::map<std::string, double, std::less<>> values = {
      {"W", 12}, {"tau", 3}, {"min-arrivals", 5}, {"min", 100}};
  const auto found = values.find(name);
  if (found == values.end()) return std::nullopt;
  return found->second;
}

double value(std::string_view expression) { return evaluate(expression, named); }

// "4: message", the byte from 1.
std::string fault(std::string_view expression) {
  try {
    value(expression);
  } catch (const ExpressionFault& fault) {
    return std::to_string(fault.at + 1) + ": " + fault.message;
  }
  return "none";
}

TEST(Expression, FollowsTheRulesOfArithmetic) {
  EXPECT_EQ(value("W/8"), 1.5);
  EXPECT_EQ(value("2 + 3*4 - 6/2"), 11);
  EXPECT_EQ(value("(2 + 3) * 4"), 20);
  EXPECT_EQ(value("10 - 3 - 2"), 5) << "from left to right";
  EXPECT_EQ(value("24/4/2"), 3);
  EXPECT_EQ(value("-W + --1"), -11);
  EXPECT_EQ(value("1e-3*1e3"), 1);
  EXPECT_EQ(value(" .5 * W "), 6);
}

TEST(Expression, KnowsAFewFunctions) {
  EXPECT_EQ(value("max(1, W/16)"), 1);
  EXPECT_EQ(value("min(W, tau, 7)"), 3);
  EXPECT_EQ(value("floor(W/5) + ceil(W/5)"), 5);
  EXPECT_EQ(value("sqrt(W*tau)"), 6);
  EXPECT_EQ(value("min"), 100) << "a name where nothing is called";
}

TEST(Expression, TakesADashForAMinusWhereNoNameHasIt) {
  EXPECT_EQ(value("min-arrivals*2"), 10);
  EXPECT_EQ(value("W-tau"), 9);
  EXPECT_EQ(value("W-min-arrivals"), 7);
  EXPECT_EQ(value("W-max(1,tau)"), 9);
}

TEST(Expression, SaysWhereItIsWrong) {
  EXPECT_EQ(fault("W/"), "3: ends too early; expected a number or a name");
  EXPECT_EQ(fault("W/x"), "3: x is no name here; expected W, P or an option that is a number");
  EXPECT_EQ(fault("W 2"), "3: \"2\" is not expected here");
  EXPECT_EQ(fault("(W"), "3: ends too early; expected )");
  EXPECT_EQ(fault("max(1; 2)"), "6: \"; 2)\" is not expected here; expected )");
  EXPECT_EQ(fault("W/(3-tau)"), "2: division by zero");
  EXPECT_EQ(fault("log(W)"), "1: log is no function; expected min, max, floor, ceil, sqrt");
  EXPECT_EQ(fault("floor(1, 2)"), "1: floor takes one number");
  EXPECT_EQ(fault("1e300*1e300"), "1: its value is not finite");
  EXPECT_EQ(fault("3 + *"), "5: \"*\" is not expected here; expected a number or a name");
  EXPECT_EQ(fault(""), "1: ends too early; expected a number or a name");
  EXPECT_EQ(fault(std::string(200, '(')).substr(0, 4), "101:");
}

}  // namespace
}  // namespace laggard
