// What protocols have in common, bit for bit; and what each promises.               [math 4]
#include "core/reference/reference.hpp"
#include "core/task/random.hpp"
#include "tests/support/testbed.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <bit>

namespace laggard::testing {
namespace {

const std::vector<std::string> kStragglers = {"none",
                                              "lambda",
                                              "bimodal:p=0.05,factor=10",
                                              "persistent:share=0.25,factor=8",
                                              "pareto",
                                              "lambda+crash:p=0.01",
                                              "fixed:1,1,2,5"};

Testbed bed_of(int workers, int shards, const std::string& straggler, std::uint64_t seed = 1) {
  Testbed bed;
  bed.problem = load("heart", shards);
  bed.workers = workers;
  bed.straggler = straggler;
  bed.seed = seed;
  bed.session.max_rounds = 40;
  bed.network = function_network();
  bed.cold_start = 0.25;
  return bed;
}

TEST(Protocols, WithNothingToSpareEachIsExactlySync) {
  for (const std::string& straggler : kStragglers) {
    Testbed bed = bed_of(8, 8, straggler);
    const auto sync = bed.run("sync").summary.iterate_digest;
    bed.session.protocol_options = {{"tau", std::int64_t{1}}};
    EXPECT_EQ(bed.run("async").summary.iterate_digest, sync) << straggler;
    bed.session.protocol_options = {{"min-arrivals", std::int64_t{8}}};
    EXPECT_EQ(bed.run("async").summary.iterate_digest, sync) << straggler;
    bed.session.protocol_options = {{"redundancy", std::int64_t{0}}};
    EXPECT_EQ(bed.run("coded").summary.iterate_digest, sync) << straggler;
    for (const char* missing : {"reuse", "late_merge", "discard"}) {
      bed.session.protocol_options = {{"drop", std::int64_t{0}}, {"missing", std::string(missing)}};
      EXPECT_EQ(bed.run("partial_barrier").summary.iterate_digest, sync) << straggler << missing;
    }
  }
}

TEST(Protocols, WithLinearizedAdmmToo) {
  Testbed bed = bed_of(8, 8, "lambda");
  bed.method = "linearized_admm";
  const auto sync = bed.run("sync").summary.iterate_digest;
  for (const auto& [protocol, options] : std::vector<std::pair<std::string, OptionValues>>{
           {"async", {{"min-arrivals", std::int64_t{8}}}},
           {"async", {{"tau", std::int64_t{1}}}},
           {"partial_barrier", {{"drop", std::int64_t{0}}}},
           {"coded", {{"redundancy", std::int64_t{0}}}},
           {"coded", {{"redundancy", std::int64_t{0}}, {"code", std::string("cyclic")}}}}) {
    bed.session.protocol_options = options;
    EXPECT_EQ(bed.run(protocol).summary.iterate_digest, sync) << protocol;
  }
}

TEST(Coded, PreemptionEndsTheComputationOfALostTwin) {
  // At its next inner iteration.
  Testbed bed = bed_of(32, 16, "bimodal:p=0.05,factor=50");
  bed.session.max_rounds = 20;
  bed.session.stopping.rule = StopRule::none;
  bed.session.protocol_options = {{"superseded", std::string("preempt")}};
  const auto preempt = bed.run("coded").summary;
  bed.session.protocol_options = {{"superseded", std::string("finish")}};
  const auto finish = bed.run("coded").summary;
  EXPECT_EQ(preempt.iterate_digest, finish.iterate_digest);
  EXPECT_LT(preempt.compute_seconds, finish.compute_seconds);
}

TEST(Crashes, EveryAttemptIsARowAndARestartedWorkerIsSentTheDual) {
  Testbed bed = bed_of(4, 4, "crash:p=0.1", 3);
  bed.method_options = kTextbook;
  bed.session.stopping.rule = StopRule::none;
  const auto outcome = bed.run("sync");
  std::int64_t failed = 0;
  double compute = 0;
  for (const TaskRow& task : outcome.tasks) {
    failed += task.outcome == Outcome::failed;
    if (task.started != kForever) compute += to_seconds(times_of(task).compute);
  }
  EXPECT_GT(failed, 0);
  EXPECT_EQ(failed, outcome.summary.tasks_wasted);
  EXPECT_EQ(outcome.summary.tasks, 4 * 40 + failed);
  EXPECT_NEAR(compute, outcome.summary.compute_seconds, 1e-9);
  const std::int64_t plain = kMessageHeaderBytes + 8 * 13, with_dual = plain + 8 * 13;
  const std::int64_t expected = 4 * 40 * plain + failed * with_dual;
  EXPECT_LE(outcome.summary.bytes_down, expected);
  EXPECT_GT(outcome.summary.bytes_down, expected - 4 * (with_dual - plain))
      << "only the first round needs none";
}

// What discard leaves out is in no sum, accelerated or not.
TEST(Protocols, WhatDiscardLeavesOutIsNotAccelerated) {
  Testbed bed = bed_of(8, 8, "bimodal:p=0.3,factor=10");
  bed.session.protocol_options = {{"drop", std::int64_t{1}}, {"missing", std::string("discard")}};
  bed.method_options["anderson"] = std::int64_t{0};
  const auto plain = bed.run("partial_barrier").summary.iterate_digest;
  bed.method_options["anderson"] = std::int64_t{5};
  EXPECT_EQ(bed.run("partial_barrier").summary.iterate_digest, plain);
  bed.session.protocol_options["drop"] = std::int64_t{0};
  EXPECT_EQ(bed.run("partial_barrier").summary.iterate_digest,
            bed.run("sync").summary.iterate_digest)
      << "with nobody left out it is sync";
}

TEST(Protocols, TheyAreSyncOnThreadsToo) {
  Testbed bed = bed_of(4, 4, "none");
  const auto sync = bed.run("sync").summary.iterate_digest;
  EXPECT_EQ(bed.run("sync", true).summary.iterate_digest, sync);
  bed.session.protocol_options = {{"tau", std::int64_t{1}}};
  EXPECT_EQ(bed.run("async", true).summary.iterate_digest, sync);
  bed.session.protocol_options = {{"drop", std::int64_t{0}}};
  EXPECT_EQ(bed.run("partial_barrier", true).summary.iterate_digest, sync);
  bed.workers = 8;
  bed.session.protocol_options = {{"redundancy", std::int64_t{1}}};
  EXPECT_EQ(bed.run("coded", true).summary.iterate_digest, sync);
}

TEST(Coded, FractionalIsSyncWithOneShardAGroupUnderEveryStraggler) {
  for (const std::string& straggler : kStragglers)
    for (const std::uint64_t seed : {1, 2, 3})
      for (const auto& [workers, s] : {std::pair{8, 1}, {9, 2}, {12, 3}}) {
        const int groups = workers / (s + 1);
        const auto sync = bed_of(groups, groups, "none").run("sync");
        for (const char* superseded : {"preempt", "finish"}) {
          Testbed bed = bed_of(workers, groups, straggler, seed);
          bed.session.protocol_options = {{"redundancy", std::int64_t{s}},
                                          {"superseded", std::string(superseded)}};
          const auto coded = bed.run("coded");
          EXPECT_EQ(coded.summary.iterate_digest, sync.summary.iterate_digest)
              << straggler << " seed " << seed << " W " << workers << ' ' << superseded;
        }
      }
}

// Runs 8 rounds with the workers of `slow` hopelessly late.
Testbed::Outcome cyclic_run(const Problem& problem, const std::string& method, int s,
                            const std::vector<bool>& slow, bool coded) {
  Testbed bed;
  bed.problem = problem;
  bed.workers = problem.shards;
  bed.method = method;
  std::vector<int> times;
  for (const bool late : slow) times.push_back(coded && late ? 1000 : 1);
  bed.straggler = fmt::format("fixed:{}", fmt::join(times, ","));
  bed.session.stopping.rule = StopRule::none;
  bed.session.max_rounds = 8;
  if (coded)
    bed.session.protocol_options = {{"redundancy", std::int64_t{s}},
                                    {"code", std::string("cyclic")}};
  return bed.run(coded ? "coded" : "sync");
}

TEST(Coded, CyclicIsSyncUnderEverySetOfStragglersOfEight) {
  const Problem problem = load("heart", 8, "logistic", "l2:1");
  const std::vector<bool> none(8, false);
  for (const char* method : {"linearized_admm", "fista", "agd", "gd", "nesterov", "fedavg"}) {
    const auto sync = cyclic_run(problem, method, 0, none, false);
    for (const int s : {1, 2, 3})
      for (unsigned set = 0; set < 256; ++set) {
        if (std::popcount(set) > s) continue;
        std::vector<bool> slow;
        for (unsigned w = 0; w < 8; ++w) slow.push_back(set >> w & 1);
        const auto coded = cyclic_run(problem, method, s, slow, true);
        ASSERT_LE((coded.summary.z - sync.summary.z).norm(), 1e-9 * sync.summary.z.norm())
            << method << " s " << s << " set " << set;
        ASSERT_EQ(coded.rounds.back().at, std::chrono::seconds(8))
            << "nobody waits for a straggler";
        ASSERT_LE(coded.summary.decode_error, 1e-9);
      }
  }
}

TEST(Coded, CyclicIsSyncUnderRandomSetsOfLargeFleets) {
  for (const auto& [workers, s] : {std::pair{64, 8}, {256, 16}}) {
    const Problem problem = synthetic("n=1024,d=20,density=0.5", workers, "logistic", "l2:1");
    const auto sync =
        cyclic_run(problem, "fista", 0, std::vector<bool>(std::size_t(workers), false), false);
    for (std::uint64_t trial = 0; trial < 3; ++trial) {
      std::vector<bool> slow(std::size_t(workers), false);
      Draws draws(trial, Stream::shuffle, 0);
      for (int i = 0; i < s; ++i) slow[std::size_t(draws.below(std::uint32_t(workers)))] = true;
      const auto coded = cyclic_run(problem, "fista", s, slow, true);
      EXPECT_LE((coded.summary.z - sync.summary.z).norm(), 1e-7 * sync.summary.z.norm()) << workers;
    }
  }
}

TEST(Protocols, OnThreadsEachReachesTheSameOptimum) {
  const std::vector<std::pair<std::string, OptionValues>> cases = {
      {"async", {{"tau", std::int64_t{4}}, {"min-arrivals", std::int64_t{2}}}},
      {"partial_barrier", {{"drop", std::int64_t{2}}, {"missing", std::string("late_merge")}}},
      {"partial_barrier", {{"drop", std::int64_t{2}}, {"superseded", std::string("preempt")}}},
      {"coded", {{"redundancy", std::int64_t{1}}}},
      {"backup", {}}};
  for (const auto& [protocol, options] : cases) {
    Testbed bed;
    bed.problem = load("heart", protocol == "coded" ? 4 : 8);
    bed.workers = 8;
    bed.straggler = "bimodal:p=0.1,factor=5";
    bed.session.protocol_options = options;
    bed.session.stopping.rule = StopRule::none;
    bed.session.reference = 102.66782752699845;
    bed.session.target_gap = 1e-6;
    bed.session.max_rounds = 100000;
    EXPECT_EQ(bed.run(protocol, true).summary.stop, StopReason::target_gap) << protocol;
  }
}

TEST(Crashes, OnThreadsAreSurvived) {
  Testbed bed = bed_of(4, 4, "crash:p=0.02", 3);
  bed.session.max_rounds = 15;
  const auto calm = bed_of(4, 4, "none").run("sync");
  const auto outcome = bed.run("sync", true);
  EXPECT_EQ(outcome.summary.rounds, 15);
  EXPECT_EQ(outcome.rounds.back().objective, calm.rounds[14].objective);
  EXPECT_GE(outcome.summary.fleet_seconds, 3) << "seed 3 has a crash in these rounds";
}

TEST(Async, AHopelessStragglerDrivesTheLargestAgeToTauExactly) {
  for (const std::int64_t tau : {1, 2, 4, 8}) {
    Testbed bed = bed_of(6, 6, "fixed:1,1,1,1,1,1000");
    bed.session.stopping.rule = StopRule::none;
    bed.session.protocol_options = {{"tau", tau}, {"min-arrivals", std::int64_t{1}}};
    int largest = 0;
    for (const RoundRow& row : bed.run("async").rounds) largest = std::max(largest, row.age_max);
    EXPECT_EQ(largest, tau);
  }
}

TEST(PartialBarrier, ABiasedLimitNeedsAShardThatAlwaysMisses) {
  Testbed bed = bed_of(8, 8, "fixed:1,1,1,1,1,1,1,10");
  bed.session.stopping.rule = StopRule::none;
  bed.session.max_rounds = 400;
  bed.session.reference = 102.66782752699845;
  const auto gap = [&](const char* missing, OptionValue tau) {
    bed.session.protocol_options = {
        {"drop", std::int64_t{1}}, {"missing", std::string(missing)}, {"tau", tau}};
    return bed.run("partial_barrier").summary.last.gap;
  };
  EXPECT_GT(gap("reuse", "none"), 1e-3);
  EXPECT_GT(gap("discard", "none"), 1e-3);
  EXPECT_LT(gap("reuse", std::int64_t{8}), 1e-6);
  EXPECT_LT(gap("late_merge", "none"), 1e-6);
}

TEST(PartialBarrier, PreemptionSavesTheTimeOfTheOldTask) {
  Testbed bed = bed_of(4, 4, "fixed:1,1,1,10");
  bed.network = {};
  bed.cold_start = 0;
  bed.session.stopping.rule = StopRule::none;
  bed.session.max_rounds = 9;
  bed.session.protocol_options = {{"drop", std::int64_t{1}},
                                  {"tau", std::string("none")},
                                  {"superseded", std::string("preempt")}};
  const auto outcome = bed.run("partial_barrier");
  EXPECT_EQ(outcome.rounds.back().at, std::chrono::seconds(9));
  // The slow one computes for 1 s a round. What is revoked at the very end is not waited for.
  EXPECT_EQ(outcome.summary.compute_seconds, 9 * 3 + 8 * 1);
}

TEST(Coded, TwinsAreRevokedAndTheirWorkIsBilled) {
  Testbed bed = bed_of(4, 2, "fixed:1,10");
  bed.network = {};
  bed.cold_start = 0;
  bed.session.stopping.rule = StopRule::none;
  bed.session.max_rounds = 5;
  const auto outcome = bed.run("coded");
  EXPECT_EQ(outcome.summary.tasks, 20);
  EXPECT_EQ(outcome.summary.tasks_wasted, 10);
  EXPECT_EQ(outcome.rounds.back().at, std::chrono::seconds(5));
  for (const TaskRow& task : outcome.tasks)
    if (task.finished != kForever) {
      EXPECT_EQ(task.finished - task.started, std::chrono::seconds(1));
    }
  EXPECT_GE(outcome.summary.compute_seconds, 4 * 4 + 2);
}

TEST(Crashes, AreNoticedAfterThreeSecondsAndTheTaskRunsAgainOnAColdWorker) {
  Testbed bed = bed_of(2, 2, "fixed:1+crash:p=0.3");
  bed.network = {};
  bed.session.max_rounds = 30;
  bed.session.stopping.rule = StopRule::none;
  const auto outcome = bed.run("sync");
  EXPECT_EQ(outcome.summary.rounds, 30);
  int slow_rounds = 0;
  Time before{};
  for (const RoundRow& row : outcome.rounds) {
    slow_rounds += row.at - before >= std::chrono::milliseconds(3250 + 1000);
    before = row.at;
  }
  EXPECT_GT(slow_rounds, 5);
  EXPECT_LT(slow_rounds, 30);
}

TEST(Crashes, AFleetThatNeverAnswersIsToldApart) {
  Testbed bed = bed_of(2, 2, "crash:p=1");
  const auto outcome = bed.run("sync");
  EXPECT_EQ(outcome.summary.stop, StopReason::fleet_failed);
  EXPECT_NE(outcome.summary.detail.find("the worker was lost"), std::string::npos)
      << outcome.summary.detail;
}

// The slowdown of a task is a function of (seed, worker, number of the worker's task) alone.
TEST(CommonSlowdowns, EveryProtocolMeetsTheSameDraws) {
  const auto model = make_straggler("bimodal:p=0.2,factor=10", 7, 8);
  for (const char* protocol : {"sync", "async", "partial_barrier", "coded", "backup"}) {
    Testbed bed = bed_of(8, std::string(protocol) == "coded" ? 4 : 8, "bimodal:p=0.2,factor=10", 7);
    bed.session.stopping.rule = StopRule::none;
    bed.session.protocol_options.clear();
    if (std::string(protocol) == "coded")
      bed.session.protocol_options = {{"superseded", std::string("finish")}};
    auto outcome = bed.run(protocol);
    std::erase_if(outcome.tasks,
                  [](const TaskRow& t) { return t.started == kForever || t.finished == kForever; });
    std::sort(outcome.tasks.begin(), outcome.tasks.end(),
              [](const TaskRow& a, const TaskRow& b) { return a.started < b.started; });
    std::vector<std::int64_t> begun(8, 0);
    for (const TaskRow& task : outcome.tasks) {
      const double factor = model->draw(task.worker, begun[std::size_t(task.worker)]++).factor;
      // Above the overhead of 1 ms a task takes at least 2 passes of its shard, times the factor.
      const double work = to_seconds(task.finished - task.started) - 1e-3;
      const double pass = 3e-9 * double(bed.problem.shard(task.shard).nonzeros());
      const double least = factor * double(task.passes) * pass;
      EXPECT_GE(work, 0.999999 * least) << protocol;
      EXPECT_LE(work, 1.000001 * factor *
                          (double(task.passes) * pass + 3e-9 * double(task.dense_work) +
                           3e-9 * 5 * 13 * double(task.passes)))
          << protocol;
    }
  }
}

struct Accuracy {
  const char* data;
  const char* loss;
  int features;
};

class AccuracyOfEveryProtocol : public ::testing::TestWithParam<Accuracy> {};

// With LAGGARD_LONG set, every data set under every straggler: ten minutes.
TEST_P(AccuracyOfEveryProtocol, IsAMillionth) {
  const Accuracy& c = GetParam();
  const bool whole = std::getenv("LAGGARD_LONG") || std::string(c.data) == "heart";
  if (!whole && std::string(c.data) == "rcv1_1500") GTEST_SKIP() << "set LAGGARD_LONG to run it";
  Testbed bed;
  bed.problem = load(c.data, 16, c.loss, "l1:1", c.features);
  bed.session.reference = solve_reference(bed.problem, 2).objective;
  bed.session.target_gap = 1e-6;
  bed.session.stopping.rule = StopRule::none;
  bed.session.max_rounds = 20000;
  bed.method_options["cg-tolerance"] = 1e-3;
  bed.workers = 16;
  const std::vector<std::pair<std::string, OptionValues>> cases = {
      {"async", {{"tau", std::int64_t{4}}, {"min-arrivals", std::int64_t{4}}}},
      {"partial_barrier", {{"drop", std::int64_t{2}}, {"missing", std::string("late_merge")}}},
      {"partial_barrier", {{"drop", std::int64_t{2}}, {"tau", std::int64_t{8}}}},
      {"coded", {{"redundancy", std::int64_t{1}}}},
      {"backup", {}}};
  std::vector<std::string> stragglers = {"lambda+crash:p=0.002"};
  if (whole)
    stragglers.insert(stragglers.end(), {"lambda", "bimodal:p=0.05,factor=10",
                                         "persistent:share=0.1,factor=8", "crash:p=0.01"});
  for (const std::string& straggler : stragglers)
    for (const auto& [protocol, options] : cases) {
      bed.straggler = straggler;
      bed.session.protocol_options = options;
      bed.problem.shards = protocol == "coded" ? 8 : 16;
      const auto outcome = bed.run(protocol);
      EXPECT_EQ(outcome.summary.stop, StopReason::target_gap)
          << c.data << ' ' << protocol << ' ' << straggler << " gap " << outcome.summary.last.gap
          << " after " << outcome.summary.rounds;
    }
}

INSTANTIATE_TEST_SUITE_P(Data, AccuracyOfEveryProtocol,
                         ::testing::Values(Accuracy{"heart", "logistic", 13},
                                           Accuracy{"a9a", "logistic", 123},
                                           Accuracy{"rcv1_1500", "logistic", 47236},
                                           Accuracy{"communities", "squared", 99}),
                         [](const auto& test) { return std::string(test.param.data); });

}  // namespace
}  // namespace laggard::testing
