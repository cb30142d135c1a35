// Gossip on fleets: who waits for whom, what messages cost, and that luck changes no model.
// [math 10.3]
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <fstream>
#include <map>
#include <sstream>

namespace laggard::testing {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

Testbed bed_of(const std::string& graph, int nodes) {
  Testbed bed;
  bed.problem = load("heart", nodes, "logistic", "l2:2.7");
  bed.workers = nodes;
  bed.method = "gossip";
  bed.method_options = {{"graph", graph}, {"step-size", 0.3}};
  bed.session.stopping.rule = StopRule::none;
  bed.session.max_rounds = 40;
  bed.network.topology = Topology::direct;
  return bed;
}

using Made = std::map<std::pair<int, ShardId>, Time>;  // by round and node: when

Made times_of_tasks(const Testbed::Outcome& outcome) {
  Made made;
  for (const TaskRow& task : outcome.tasks)
    if (task.outcome == Outcome::accepted) made[{task.round, task.shard}] = task.finished;
  return made;
}

json::object vectors() {
  std::ifstream file(LAGGARD_TESTS_DIR "/vectors/note_gossip.json");
  std::stringstream text;
  text << file.rdbuf();
  return json::parse(text.str()).as_object();
}

std::string times_spec(const json::value& seconds) {
  std::string spec = "fixed:";
  for (const json::value& time : seconds.as_array())
    spec += (spec.back() == ':' ? "" : ",") + json::serialize(time);
  return spec;
}

TEST(Gossip, NodesFinishTheirRoundsWhenTheVectorsSay) {
  const json::value barrier = vectors().at("local_barrier");
  Testbed bed = bed_of("note7", 7);
  bed.straggler = times_spec(barrier.at("seconds"));
  bed.network.latency = barrier.at("latency").to_number<double>();
  const json::array& finished = barrier.at("finished").as_array();
  bed.session.max_rounds = static_cast<int>(finished.size());
  const auto outcome = bed.run("gossip");
  const Made made = times_of_tasks(outcome);
  ASSERT_EQ(made.size(), 7 * finished.size());
  for (std::size_t r = 0; r < finished.size(); ++r) {
    Time last{};
    for (ShardId k = 0; k < 7; ++k) {
      const Time expected =
          from_seconds(finished[r].at(static_cast<std::size_t>(k)).to_number<double>());
      EXPECT_EQ(made.at({static_cast<int>(r) + 1, k}), expected) << r << " " << k;
      last = std::max(last, expected);
    }
    EXPECT_EQ(outcome.rounds[r].at, last) << "update r is when all nodes have made round r";
  }
}

// A message is a model with its header, at latency and bandwidth of a line of its own; nothing
// passes the coordinator, whose line and masters might as well be as slow as you like.
TEST(Gossip, AMessageGoesFromNodeToNode) {
  Testbed bed = bed_of("ring", 3);
  bed.straggler = "fixed:1,2,4";
  bed.session.max_rounds = 3;
  bed.network.latency = 0.01;
  bed.network.bandwidth = 1e3;  // 64 + 8 x 13 bytes: 168 ms
  bed.network.coordinator_bandwidth = 1;
  bed.network.service_seconds = 100;
  const auto outcome = bed.run("gossip");
  const Made made = times_of_tasks(outcome);
  EXPECT_EQ(made.at({1, 2}), 4s);
  EXPECT_EQ(made.at({2, 0}), 4s + 178ms + 1s);
  EXPECT_EQ(made.at({2, 1}), 4s + 178ms + 2s);
  EXPECT_EQ(made.at({2, 2}), 8s) << "it has its own model, and had the others' long before";
  EXPECT_EQ(made.at({3, 0}), 8s + 178ms + 1s);
  EXPECT_EQ(outcome.summary.bytes_up, 0);
  // Two edges' worth a node and round; the first needs none, and nobody begins a fourth.
  EXPECT_EQ(outcome.summary.bytes_down, 2 * 6 * 168);
  EXPECT_EQ(outcome.summary.tasks, 9);
  EXPECT_EQ(outcome.summary.passes, 6);
}

TEST(Gossip, ModelsDependNeitherOnTheFleetNorOnLuck) {
  for (const char* order : {"combine_first", "dpsgd"}) {
    for (const Precision precision : {Precision::f64, Precision::f32}) {
      Testbed bed = bed_of("torus:2x3", 6);
      bed.method_options["order"] = std::string(order);
      bed.precision = precision;
      const auto plain = bed.run("gossip"), threads = bed.run("gossip", true);
      bed.straggler = "pareto";
      bed.network.latency = 0.5e-3;
      const auto unlucky = bed.run("gossip");
      bed.straggler = "pareto+crash:p=0.05";
      bed.function_timeout = 2;
      bed.cold_start = 0.1;
      const auto killed = bed.run("gossip");
      bed.network = function_network();
      const auto relayed = bed.run("gossip");
      for (const auto* outcome : {&threads, &unlucky, &killed, &relayed}) {
        EXPECT_EQ(outcome->summary.iterate_digest, plain.summary.iterate_digest) << order;
        ASSERT_EQ(outcome->rounds.size(), plain.rounds.size());
        for (std::size_t k = 0; k < plain.rounds.size(); ++k)
          EXPECT_EQ(outcome->rounds[k].disagreement, plain.rounds[k].disagreement);
      }
      EXPECT_GT(killed.summary.lives.size(), 6u) << "nobody was killed or handed over";
      EXPECT_GT(relayed.summary.bytes_up, 0);
    }
  }
}

// Every update takes a report of each node; those of nodes that were ahead have waited for it.
TEST(Gossip, UpdatesTakeOneReportOfEachNode) {
  Testbed bed = bed_of("ring", 8);
  bed.straggler = "fixed:1,1,1,1,1,1,1,9";
  const auto outcome = bed.run("gossip");
  int ahead = 0;
  for (const RoundRow& row : outcome.rounds) {
    EXPECT_EQ(row.accepted, 8);
    EXPECT_EQ(row.fresh.size(), 8u);
    EXPECT_EQ(row.age_max, 1);
    ahead = std::max(ahead, row.staleness_max - 1);
  }
  EXPECT_EQ(ahead, 3) << "the node at 4 hops makes 4 rounds before the slow one has made its first";
}

// A node that is lost is sent the models again once that is noticed, its own among them.
TEST(Gossip, AfterALossTheMessagesAreSentAgain) {
  Testbed bed = bed_of("ring", 3);
  bed.straggler = "fixed:1+crash:p=0.2";
  bed.network.latency = 0.25;
  const auto outcome = bed.run("gossip");
  std::map<std::pair<ShardId, Time>, int> lost;  // node and when that was noticed
  int messages = 0;
  for (const TaskRow& task : outcome.tasks) {
    if (task.outcome != Outcome::failed) continue;
    const Made made = times_of_tasks(outcome);
    const bool first = !made.contains({1, task.shard}) || made.at({1, task.shard}) > task.finished;
    messages += first ? 0 : 3;
    ++lost[{task.shard, task.arrived}];
  }
  EXPECT_GT(lost.size(), 3u);
  EXPECT_EQ(outcome.summary.bytes_down, (39 * 6 + messages) * (kMessageHeaderBytes + 8 * 13));
  for (const TaskRow& task : outcome.tasks) {
    const bool again = lost.contains({task.shard, task.dispatched});
    if (!again || task.started == kForever || task.round == 1) continue;
    EXPECT_EQ(task.started - task.dispatched, 250ms);
  }
}

TEST(Gossip, GoesOnFromACheckpointBitForBit) {
  Testbed bed = bed_of("note7", 7);
  bed.straggler = "lambda";
  const auto whole = bed.run("gossip");
  std::map<int, std::string> states;
  bed.session.checkpoint_every = 7;
  bed.session.checkpoint = [&](int round, std::string state) { states[round] = std::move(state); };
  bed.run("gossip");
  bed.session.checkpoint = nullptr;
  for (const int round : {7, 28})
    for (const bool threads : {false, true}) {
      Testbed resumed = bed;
      resumed.resume = states.at(round);
      if (threads) resumed.straggler = "none";
      const auto outcome = resumed.run("gossip", threads);
      EXPECT_EQ(outcome.summary.iterate_digest, whole.summary.iterate_digest) << round;
      EXPECT_EQ(outcome.rounds.front().round, round + 1);
      EXPECT_EQ(outcome.summary.last.disagreement, whole.summary.last.disagreement);
    }
}

// The certificate of the mean, where the mean is near enough: the rule of the default.
TEST(Gossip, EndsByACertificateWhereTheMeanIsNearTheOptimum) {
  Testbed bed = bed_of("complete", 4);
  bed.session.stopping = {};
  bed.session.max_rounds = 5000;
  const auto outcome = bed.run("gossip");
  EXPECT_EQ(outcome.summary.stop, StopReason::converged);
  EXPECT_LE(outcome.summary.certified_gap, 1e-4);
}

TEST(Gossip, AStepThatIsTooLongDivergesAndIsToldSo) {
  for (const char* order : {"combine_first", "dpsgd"}) {
    Testbed bed = bed_of("ring", 6);
    bed.problem = load("heart", 6, "squared", "l2:2.7");
    bed.method_options["order"] = std::string(order);
    bed.method_options["step-size"] = 10.0;
    bed.session.max_rounds = 2000;
    const auto outcome = bed.run("gossip");
    EXPECT_EQ(outcome.summary.stop, StopReason::diverged) << order;
    const std::string& detail = outcome.summary.detail;
    ASSERT_NE(detail.find("a --step-size below "), std::string::npos) << detail;
    bed.method_options["step-size"] = 0.99 * std::stod(detail.substr(detail.find("below ") + 6));
    EXPECT_EQ(bed.run("gossip").summary.stop, StopReason::max_rounds) << order;
  }
}

}  // namespace
}  // namespace laggard::testing
