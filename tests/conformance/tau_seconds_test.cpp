// A bound on ages in seconds, beside the one in rounds. tests/simulation checks its invariant under
// random runs.                                                                        [math 4]
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>

namespace laggard::testing {
namespace {

using namespace std::chrono_literals;

Testbed bed_of(const std::string& straggler, double tau_seconds) {
  Testbed bed;
  bed.problem = load("heart", 4);
  bed.workers = 4;
  bed.straggler = straggler;
  bed.session.max_rounds = 40;
  bed.session.stopping.rule = StopRule::none;
  bed.session.protocol_options = {{"tau", std::int64_t{1000}}, {"tau-seconds", tau_seconds}};
  return bed;
}

TEST(TauSeconds, ZeroWaitsForAllAsSyncDoes) {
  for (const bool threads : {false, true})
    for (const char* protocol : {"async", "partial_barrier"}) {
      Testbed bed = bed_of(threads ? "none" : "bimodal:p=0.1,factor=10", 0);
      const auto run = bed.run(protocol, threads);
      bed.session.protocol_options.clear();
      EXPECT_EQ(run.summary.iterate_digest, bed.run("sync").summary.iterate_digest)
          << protocol << threads;
    }
}

// When the first 7 updates came. Workers 0 to 2 answer every second, worker 3 after 10.
std::vector<Time> updates(const std::string& protocol, OptionValues options) {
  Testbed bed = bed_of("fixed:1,1,1,10", 0);
  bed.session.max_rounds = 7;
  for (const auto& [name, value] : options) bed.session.protocol_options[name] = value;
  std::vector<Time> out;
  for (const RoundRow& row : bed.run(protocol).rounds) out.push_back(row.at);
  return out;
}

// At 5 s z_0, of 0 s, is too old: worker 3 is awaited. At 11 s it still is what its last report was
// made from, and so on: it takes longer than the bound.
TEST(TauSeconds, AnUpdateWaitsForAShardWhoseZWouldBeOlder) {
  const OptionValues arrivals = {{"min-arrivals", std::int64_t{3}}};
  OptionValues options = arrivals;
  options["tau-seconds"] = 4.5;
  EXPECT_EQ(updates("async", options), (std::vector<Time>{1s, 2s, 3s, 4s, 10s, 20s, 30s}));
  options["tau-seconds"] = 9.5;
  EXPECT_EQ(updates("async", options), (std::vector<Time>{1s, 2s, 3s, 4s, 5s, 6s, 7s}));
}

// Here a late report is dropped, and worker 3 begins anew at 10 s, from z_4.
TEST(TauSeconds, SoDoesThePartialBarrier) {
  OptionValues options = {{"drop", std::int64_t{1}}, {"tau-seconds", 4.5}, {"missing", "reuse"}};
  EXPECT_EQ(updates("partial_barrier", options),
            (std::vector<Time>{1s, 2s, 3s, 4s, 20s, 30s, 40s}));
  options["missing"] = "late_merge";
  EXPECT_EQ(updates("partial_barrier", options),
            (std::vector<Time>{1s, 2s, 3s, 4s, 10s, 20s, 30s}));
}

}  // namespace
}  // namespace laggard::testing
