// Protocols that code, on worker processes.
#include "tests/process_fleets/processes.hpp"

namespace laggard {
namespace {

TEST_F(ProcessFleets, KilledWorkersDoNotReachTheIteratesOfMultiMessage) {
  const Arguments run_of = {"--workers",    "6",   "--data",      kHeart,      "--stop", "none",
                            "--max-rounds", "150", "--straggler", "fixed:0.01"};
  const auto result =
      run_json(run_of + Arguments{"--fleet", "local", "--protocol", "multi_message", "--redundancy",
                                  "2", "--faults", "kill_every_seconds=0.3,drop=0.1,seed=3"},
               3);
  EXPECT_EQ(digest(result), digest(run_json(run_of, 3)));
  EXPECT_GE(lives(result, "losses"), 2);
}

// Each model's contributions are of its workers alone, so who is late or dies does not show.
TEST_F(ProcessFleets, KilledWorkersDoNotReachTheIteratesOfSequentialCodes) {
  const Arguments run_of = {"--workers",   "6",           "--data",        kHeart,
                            "--stop",      "none",        "--max-rounds",  "150",
                            "--straggler", "fixed:0.01",  "--protocol",    "sequential",
                            "--code",      "multiplexed", "--lam",         "6",
                            "--method",    "agd",         "--regularizer", "l2:1"};
  const auto result = run_json(
      run_of + Arguments{"--fleet", "local", "--faults", "kill_every_seconds=0.3,drop=0.1,seed=3"},
      3);
  EXPECT_EQ(digest(result), digest(run_json(run_of, 3)));
  EXPECT_GE(lives(result, "losses"), 2);
}

// A code's sum depends on who answers, by rounding alone.
TEST_F(ProcessFleets, CodesDecodeTheSameSum) {
  const Arguments all = {
      "--synthetic", "n=600,d=40,density=0.2", "--method", "fista", "--workers", "4", "--stop",
      "none",        "--max-rounds",           "40"};
  const std::vector<std::pair<const char*, Arguments>> codes = {
      {"4", {"coded", "--code", "cyclic", "--redundancy", "1"}},
      {"12", {"partial_coded", "--uncoded", "2", "--redundancy", "2"}},
      {"4", {"approximate", "--graph", "cyclic", "--stragglers", "3", "--max-error", "1e-9"}},
      {"4", {"approximate", "--redundancy", "4", "--stragglers", "3"}},
      {"4", {"sequential", "--lam", "3", "--max-rounds", "79"}},
      {"16", {"sequential", "--code", "multiplexed", "--lam", "2", "--max-rounds", "79"}}};
  for (const auto& [shards, code] : codes) {
    const auto sync = run_json(all + Arguments{"--shards", shards}, 3);
    const auto local = run_json(all + Arguments{"--fleet", "local", "--protocol"} + code, 3);
    const double expected = sync.at("objective").to_number<double>();
    EXPECT_NEAR(local.at("objective").to_number<double>(), expected, 1e-9 * expected)
        << ::testing::PrintToString(code);
    EXPECT_LE(local.at("decode_rms").to_number<double>(), 1e-9);
  }
}

}  // namespace
}  // namespace laggard
