#include "runners/launchers/lambda/retry.hpp"

#include "runners/launchers/lambda/spending.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace laggard {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Retries, AreSpreadUpToABoundThatDoubles) {
  RetryOptions options;
  options.most_attempts = 12;
  options.budget = 1e9;
  Retries retries(options);
  for (int attempt = 1; attempt < 12; ++attempt) {
    const Time bound = std::min<Time>(seconds(5), milliseconds(100) * (1 << (attempt - 1)));
    EXPECT_EQ(retries.bound(attempt), bound);
    double sum = 0;
    std::set<Time> delays;
    for (int i = 0; i < 1000; ++i) {
      const auto delay = retries.next(attempt, Time{});
      ASSERT_TRUE(delay);
      EXPECT_GE(*delay, Time{});
      EXPECT_LE(*delay, bound);
      delays.insert(*delay);
      sum += to_seconds(*delay);
    }
    EXPECT_GT(delays.size(), 900u);
    // The mean of 1000 uniform draws: a standard deviation of bound / sqrt(12 000), here five.
    EXPECT_NEAR(sum / 1000, to_seconds(bound) / 2, to_seconds(bound) * 5 / std::sqrt(12'000.0));
  }
  EXPECT_FALSE(retries.next(12, Time{}));
}

TEST(Retries, DrawOnABudgetThatComesBack) {
  RetryOptions options;
  options.budget = 3;
  options.budget_per_second = 2;
  Retries retries(options);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(retries.next(1, seconds(100)));
  EXPECT_FALSE(retries.next(1, seconds(100)));
  EXPECT_TRUE(retries.next(1, seconds(100) + milliseconds(500)));
  EXPECT_FALSE(retries.next(1, seconds(100) + milliseconds(600)));
}

TEST(Spending, CountsWhatRunsAndThenWhatWasBilled) {
  Spending spending(kInfinity, 2048);
  spending.started(1, seconds(10));
  spending.started(2, seconds(10));
  const double request = 0.20 / 1e6, gb_second = 0.0000166667;
  EXPECT_DOUBLE_EQ(spending.spent_usd(seconds(13)), 2 * (request + 3 * 2 * gb_second));
  spending.ended(1, seconds(14), Billing{4, 1024});
  spending.not_started(2);
  EXPECT_DOUBLE_EQ(spending.spent_usd(seconds(99)), request + 4 * gb_second);
  spending.started(3, seconds(20));
  spending.ended(3, seconds(21), std::nullopt);
  EXPECT_DOUBLE_EQ(spending.spent_usd(seconds(99)), 2 * request + (4 + 2) * gb_second);
  spending.started(4, seconds(90));
  const FleetCost cost = spending.cost(seconds(99));
  EXPECT_EQ(cost.requests, 3);
  EXPECT_EQ(cost.unbilled, 2);
  EXPECT_DOUBLE_EQ(cost.billed_gb_seconds.value(), 4);
  EXPECT_DOUBLE_EQ(cost.unbilled_gb_seconds, 2 + 18);
}

TEST(Spending, StopsWhileThereIsMoneyToEndWith) {
  const double request = 0.20 / 1e6, gb_second = 0.0000166667;
  Spending spending(20 * gb_second + request, 1024);
  EXPECT_FALSE(spending.why_refuse(seconds(0)));
  spending.started(1, seconds(0));
  EXPECT_FALSE(spending.why_stop(milliseconds(7999)));
  EXPECT_TRUE(spending.why_stop(milliseconds(8001))) << "it may take 12 s to connect and be told";
  EXPECT_TRUE(spending.why_refuse(milliseconds(6500)));
  spending.connected(1);
  EXPECT_FALSE(spending.why_stop(milliseconds(17'999)));
  EXPECT_TRUE(spending.why_stop(milliseconds(18'001)));
}

}  // namespace
}  // namespace laggard
