// Codes and replicas against sync: equal where they are exact, and as far off as their error says.
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace laggard::testing {
namespace {

Testbed bed_of(const std::string& method, int workers, int shards, std::uint64_t seed = 1) {
  Testbed bed;
  bed.problem = load("heart", shards, "logistic", needs_smooth(method) ? "l2:13.5" : "l1:1");
  bed.workers = workers;
  bed.method = method;
  bed.seed = seed;
  if (method.ends_with("sgd")) bed.method_options["batch"] = std::int64_t{8};
  bed.session.max_rounds = 40;
  bed.session.stopping.rule = StopRule::none;
  return bed;
}

Testbed with(Testbed bed, OptionValues options) {
  bed.session.protocol_options = std::move(options);
  return bed;
}

double distance(const Testbed::Outcome& a, const Testbed::Outcome& b) {
  return (a.summary.z - b.summary.z).norm() / b.summary.z.norm();
}

OptionValue integer(std::int64_t value) { return value; }

const char* const kSums[] = {"linearized_admm", "fista", "agd", "gd", "nesterov", "fedavg", "sgd"};
const char* const kUnlucky[] = {"pareto", "bimodal:p=0.2,factor=10", "fixed:0.01,0.05,0.02",
                                "lambda+crash:p=0.02"};

TEST(MultiMessage, IsSyncWhateverTheStragglingBitForBit) {
  std::int64_t wasted = 0;
  for (const char* method : {"admm", "linearized_admm", "fista", "gd", "sgd", "local_sgd"}) {
    const auto sync = bed_of(method, 6, 6).run("sync");
    for (const char* straggler : kUnlucky)
      for (const std::uint64_t seed : {1, 2})
        for (const std::int64_t s : {0, 1, 5})
          for (const char* superseded : {"preempt", "finish"}) {
            Testbed bed =
                with(bed_of(method, 6, 6, seed),
                     {{"redundancy", integer(s)}, {"superseded", std::string(superseded)}});
            bed.straggler = straggler;
            bed.network = function_network();
            const auto outcome = bed.run("multi_message");
            EXPECT_EQ(outcome.summary.iterate_digest, sync.summary.iterate_digest)
                << method << ' ' << straggler << " seed " << seed << " s " << s;
            wasted += outcome.summary.tasks_wasted;
          }
  }
  EXPECT_GT(wasted, 1000) << "hardly a shard was worked off twice";
}

TEST(MultiMessage, IsSyncWhenWorkersDieAndAreHandedOver) {
  const auto sync = bed_of("admm", 6, 6).run("sync");
  for (const char* superseded : {"preempt", "finish"}) {
    Testbed bed = with(bed_of("admm", 6, 6),
                       {{"redundancy", integer(2)}, {"superseded", std::string(superseded)}});
    bed.straggler = "pareto+crash:p=0.05";
    bed.function_timeout = 2;
    bed.cold_start = 0.1;
    const auto outcome = bed.run("multi_message");
    EXPECT_EQ(outcome.summary.iterate_digest, sync.summary.iterate_digest);
    EXPECT_GT(outcome.summary.lives.size(), 8u) << "nobody died or was handed over";
  }
}

TEST(MultiMessage, IsSyncOnThreads) {
  const auto sync = bed_of("admm", 4, 4).run("sync");
  Testbed bed = with(bed_of("admm", 4, 4), {{"redundancy", integer(2)}});
  bed.straggler = "fixed:0.001,0.001,0.001,0.01";
  const auto outcome = bed.run("multi_message", true);
  EXPECT_EQ(outcome.summary.iterate_digest, sync.summary.iterate_digest);
  EXPECT_GT(outcome.summary.tasks_wasted, 0) << "nobody did the slow one's work";
}

// Without redundancy there is nothing else: the schedule is that of sync too.
TEST(MultiMessage, OfOneMessageHasTheScheduleOfSync) {
  Testbed bed = bed_of("admm", 6, 6);
  bed.straggler = "pareto";
  const auto sync = bed.run("sync");
  const auto outcome = with(bed, {{"redundancy", integer(0)}}).run("multi_message");
  EXPECT_EQ(outcome.summary.schedule_digest, sync.summary.schedule_digest);
}

TEST(PartialCoded, IsSyncUpToRounding) {
  for (const char* method : kSums)
    for (const auto& [u, s] : {std::pair{1, 1}, {2, 2}, {3, 4}}) {
      const auto sync = bed_of(method, 6, 6 * (u + 1)).run("sync");
      for (const char* straggler : kUnlucky)
        for (const char* superseded : {"preempt", "finish"}) {
          Testbed bed =
              with(bed_of(method, 6, 6 * (u + 1)), {{"uncoded", integer(u)},
                                                    {"redundancy", integer(s)},
                                                    {"superseded", std::string(superseded)}});
          bed.straggler = straggler;
          const auto outcome = bed.run("partial_coded");
          EXPECT_LE(distance(outcome, sync), 1e-9) << method << ' ' << straggler << " s " << s;
          EXPECT_LE(outcome.summary.decode_error, 1e-9);
          EXPECT_NEAR(outcome.summary.decode_weight, 1, 1e-9);
        }
    }
}

TEST(PartialCoded, WithoutRedundancyOnlyTheOrderOfAdditionDiffers) {
  for (const char* method : kSums) {
    const auto sync = bed_of(method, 5, 15).run("sync");
    const auto outcome =
        with(bed_of(method, 5, 15), {{"uncoded", integer(2)}, {"redundancy", integer(0)}})
            .run("partial_coded");
    EXPECT_LE(distance(outcome, sync), 1e-12) << method;
    EXPECT_EQ(outcome.summary.decode_error, 0);
  }
}

TEST(Approximate, WithNobodyMissingItIsSyncUpToRounding) {
  for (const char* method : kSums) {
    const auto sync = bed_of(method, 6, 6).run("sync");
    for (const char* graph : {"fractional", "cyclic", "regular"})
      for (const char* decoder : {"fixed", "optimal", "centred"}) {
        Testbed bed = with(bed_of(method, 6, 6), {{"redundancy", integer(2)},
                                                  {"stragglers", integer(0)},
                                                  {"graph", std::string(graph)},
                                                  {"decoder", std::string(decoder)}});
        bed.straggler = "pareto";
        const auto outcome = bed.run("approximate");
        EXPECT_LE(distance(outcome, sync), 1e-12) << method << ' ' << graph << ' ' << decoder;
        EXPECT_EQ(outcome.summary.decode_rms, 0);
        EXPECT_EQ(outcome.summary.decode_weight, 1);
      }
  }
}

TEST(Approximate, WithAllShardsEverywhereAnyOneReportIsExact) {
  for (const char* method : {"gd", "fista", "sgd", "fedavg"}) {
    const auto sync = bed_of(method, 4, 4).run("sync");
    for (const char* graph : {"fractional", "cyclic", "regular"}) {
      Testbed bed = with(
          bed_of(method, 4, 4),
          {{"redundancy", integer(4)}, {"stragglers", integer(3)}, {"graph", std::string(graph)}});
      bed.straggler = "pareto";
      const auto outcome = bed.run("approximate");
      EXPECT_LE(distance(outcome, sync), 1e-12) << method << ' ' << graph;
      EXPECT_EQ(outcome.rounds.back().accepted, 1);
      EXPECT_LE(outcome.summary.decode_rms, 1e-15);
    }
  }
}

// Any d - 1 of the workers may be missing, as each shard is then still with somebody.
TEST(Approximate, GroupsThatAreNeverMissingAsAWholeAreExact) {
  const auto sync = bed_of("gd", 8, 8).run("sync");
  for (const char* straggler : kUnlucky) {
    Testbed bed =
        with(bed_of("gd", 8, 8), {{"redundancy", integer(4)}, {"stragglers", integer(3)}});
    bed.straggler = straggler;
    const auto outcome = bed.run("approximate");
    EXPECT_LE(distance(outcome, sync), 1e-12) << straggler;
    EXPECT_LE(outcome.summary.decode_rms, 1e-14);
  }
}

TEST(Approximate, WithALimitOfTheErrorItIsAsExactAsAskedOnEveryFleet) {
  const auto sync = bed_of("gd", 6, 6).run("sync");
  for (const bool on_threads : {false, true}) {
    Testbed bed =
        with(bed_of("gd", 6, 6),
             {{"graph", std::string("cyclic")}, {"wait", integer(1)}, {"max-error", 0.0}});
    bed.straggler = on_threads ? "fixed:0.001,0.001,0.004" : "pareto";
    const auto exact = bed.run("approximate", on_threads);
    EXPECT_LE(distance(exact, sync), 1e-11);
    bed.session.protocol_options["max-error"] = 0.4;
    const auto rough = bed.run("approximate", on_threads);
    EXPECT_LE(rough.summary.decode_rms, 0.4);
    EXPECT_LT(rough.summary.tasks - rough.summary.tasks_wasted,
              exact.summary.tasks - exact.summary.tasks_wasted);
  }
}

// The results say of every update how far off its sum was, and of the run the worst of each.
TEST(Approximate, TheErrorOfEveryRoundIsTold) {
  Testbed bed = with(bed_of("gd", 12, 12), {{"redundancy", integer(2)},
                                            {"stragglers", integer(4)},
                                            {"decoder", std::string("optimal")}});
  bed.straggler = "pareto";
  const auto outcome = bed.run("approximate");
  double rms = 0, error = 0, weight = 1;
  for (const RoundRow& row : outcome.rounds) {
    // Groups: e^2 P shards are lost, and the mean weight is that of the others.
    const double lost = row.decode_rms * row.decode_rms * 12;
    EXPECT_NEAR(lost, std::round(lost), 1e-9);
    EXPECT_NEAR(row.decode_weight, 1 - lost / 12, 1e-9);
    EXPECT_NEAR(row.decode_error, lost > 0.5 ? 1 : 0, 1e-9);
    EXPECT_EQ(row.fresh.size(), 12 - static_cast<std::size_t>(std::lround(lost)));
    rms = std::max(rms, row.decode_rms);
    error = std::max(error, row.decode_error);
    weight = std::min(weight, row.decode_weight);
  }
  EXPECT_GT(rms, 0.1);
  EXPECT_EQ(outcome.summary.decode_rms, rms);
  EXPECT_EQ(outcome.summary.decode_error, error);
  EXPECT_EQ(outcome.summary.decode_weight, weight);
  EXPECT_TRUE(std::isnan(bed_of("gd", 4, 4).run("sync").rounds.front().decode_rms));
}

// Workers 2 and 3 are a group, and the same two are always the last.
TEST(Approximate, AShardThatIsAlwaysMissingIsNamed) {
  Testbed bed = with(bed_of("gd", 6, 6), {{"redundancy", integer(2)}, {"stragglers", integer(2)}});
  bed.straggler = "fixed:1,1,5,5,1,1";
  const auto outcome = bed.run("approximate");
  EXPECT_NE(outcome.summary.detail.find("no report of 2 of 6 shards was ever accepted: 2, 3"),
            std::string::npos)
      << outcome.summary.detail;
  EXPECT_EQ(outcome.summary.startup_seconds, outcome.summary.fleet_seconds);
}

// A step that stays as long ends at a distance from the optimum; `centred` ends nearer than
// `optimal`, whose gradient is too short by the lost shards.
TEST(Approximate, TheErrorLeavesAFloor) {
  Testbed exact = bed_of("gd", 8, 8);
  exact.session.max_rounds = 400;
  const double optimum = exact.run("sync").summary.last.objective;
  double floors[2] = {};
  for (const bool centred : {false, true}) {
    Testbed bed = with(exact, {{"redundancy", integer(2)},
                               {"stragglers", integer(3)},
                               {"decoder", std::string(centred ? "centred" : "optimal")}});
    bed.straggler = "pareto";
    const auto outcome = bed.run("approximate");
    for (std::size_t k = 300; k < outcome.rounds.size(); ++k)
      floors[centred] += (outcome.rounds[k].objective - optimum) / 100;
  }
  EXPECT_GT(floors[1], 1e-4 * optimum);
  EXPECT_LT(floors[1], 0.95 * floors[0]);
}

}  // namespace
}  // namespace laggard::testing
