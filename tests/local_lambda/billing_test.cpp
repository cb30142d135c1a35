#include "runners/local_lambda/billing.hpp"

#include <gtest/gtest.h>

namespace laggard::local {
namespace {

using namespace std::chrono_literals;

TEST(Billing, ColdStartIsBilledWithItsInitialisation) {
  Usage usage;
  usage.duration = 12'340us;
  usage.init = 100ms;
  usage.memory_mb = 1769;
  usage.max_memory_mb = 39.2;
  EXPECT_EQ(billed_ms(usage), 113);                             // 112.34 ms, up
  EXPECT_DOUBLE_EQ(billed_gb_seconds(usage), 0.1952119140625);  // 0.113 s x 1769 / 1024
  EXPECT_EQ(report_line("id", usage),
            "REPORT RequestId: id\tDuration: 12.34 ms\tBilled Duration: 113 ms\t"
            "Memory Size: 1769 MB\tMax Memory Used: 40 MB\tInit Duration: 100.00 ms\t\n");
}

TEST(Billing, WholeMillisecondsAreNotRoundedUp) {
  Usage usage;
  usage.memory_mb = 1024;
  usage.duration = 2s;
  EXPECT_EQ(billed_ms(usage), 2000);
  EXPECT_DOUBLE_EQ(billed_gb_seconds(usage), 2);
  usage.duration = 2s + 1ns;
  EXPECT_EQ(billed_ms(usage), 2001);
}

TEST(Billing, WarmReportTellsNoInitialisationAndHowItFailed) {
  Usage usage;
  usage.duration = 1500us;
  usage.memory_mb = 128;
  usage.status = "error";
  usage.error_type = "Runtime.ExitError";
  EXPECT_EQ(report_line("id", usage),
            "REPORT RequestId: id\tDuration: 1.50 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\t"
            "Max Memory Used: 0 MB\tStatus: error\tError Type: Runtime.ExitError\t\n");
}

}  // namespace
}  // namespace laggard::local
