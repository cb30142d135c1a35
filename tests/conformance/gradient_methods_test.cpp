// The methods of gradients, run by a protocol on a fleet.
#include "core/coding/gradient_code.hpp"
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

namespace laggard::testing {
namespace {

Testbed bed_of(const std::string& method, int workers) {
  Testbed bed;
  bed.problem = load("heart", workers, "logistic", needs_smooth(method) ? "l2:13.5" : "l1:1");
  bed.workers = workers;
  bed.method = method;
  if (method.ends_with("sgd")) bed.method_options["batch"] = std::int64_t{16};
  bed.session.max_rounds = 60;
  bed.session.stopping.rule = StopRule::none;
  return bed;
}

const char* const kMethods[] = {"linearized_admm", "fista",  "agd", "gd",
                                "nesterov",        "fedavg", "sgd"};

// Parallel accelerated gradient descent, on one machine and with the matrix in full.
TEST(GradientMethods, SyncAgdIsTheTextbooksGradientDescent) {
  Testbed bed = bed_of("agd", 8);
  bed.straggler = "lambda";
  bed.method_options = {{"step-size", 0.5}, {"momentum", 0.8}};
  const auto outcome = bed.run("sync");
  const Csr& csr = bed.problem.data->a;
  Eigen::MatrixXd a = Eigen::MatrixXd::Zero(csr.rows(), csr.columns);
  for (std::int64_t n = 0; n < csr.rows(); ++n)
    for (std::int64_t i = csr.row_start[n]; i < csr.row_start[n + 1]; ++i)
      a(n, csr.column[i]) = csr.value[i];
  const Vector b = Eigen::Map<const Vector>(bed.problem.data->label.data(), csr.rows());
  Vector w = Vector::Zero(csr.columns), v = w;
  for (int k = 0; k < 60; ++k) {
    const Vector margin = a * w;
    const Vector slope = -b.array() / (1 + (b.array() * margin.array()).exp());
    v = 0.8 * v + (a.transpose() * slope + 13.5 * w) / static_cast<double>(csr.rows());
    w -= 0.5 * v;
  }
  EXPECT_LE((outcome.summary.z - w).norm(), 1e-12 * w.norm());
  EXPECT_EQ(outcome.rounds.back().rho, 0);
}

TEST(GradientMethods, IteratesDependNeitherOnTheFleetNorOnLuck) {
  std::vector<const char*> methods(std::begin(kMethods), std::end(kMethods));
  methods.push_back("local_sgd");
  for (const char* method : methods) {
    Testbed bed = bed_of(method, 6);
    const auto plain = bed.run("sync"), threads = bed.run("sync", true);
    bed.straggler = "pareto";
    bed.network = function_network();
    const auto unlucky = bed.run("sync");
    bed.straggler = "pareto+crash:p=0.05";
    bed.function_timeout = 2;
    bed.cold_start = 0.1;
    const auto killed = bed.run("sync");
    bed.workers = 4;
    const auto fewer = bed.run("sync");
    EXPECT_EQ(plain.summary.iterate_digest, threads.summary.iterate_digest) << method;
    EXPECT_EQ(plain.summary.iterate_digest, unlucky.summary.iterate_digest) << method;
    EXPECT_EQ(plain.summary.iterate_digest, killed.summary.iterate_digest) << method;
    EXPECT_EQ(plain.summary.iterate_digest, fewer.summary.iterate_digest) << method;
    EXPECT_GT(killed.summary.lives.size(), 6u) << "nobody was killed or handed over";
  }
}

// The shortest protocol that decodes: what arrives first counts, the rest is given up.
template <int kRedundancy>
asio::awaitable<void> run_coded(Session& s) {
  GradientCode code(s.workers(), kRedundancy, 1);
  std::vector<TaskId> tasks(static_cast<std::size_t>(s.workers()));
  while (s.running()) {
    for (WorkerId j = 0; j < s.workers(); ++j)
      tasks[static_cast<std::size_t>(j)] = s.dispatch_coded(j, code.parts(j));
    std::vector<bool> arrived(tasks.size(), false);
    std::vector<Report> reports;
    while (static_cast<int>(reports.size()) < s.workers() - kRedundancy) {
      reports.push_back(co_await s.next());
      arrived[static_cast<std::size_t>(reports.back().worker)] = true;
    }
    std::sort(reports.begin(), reports.end(),
              [](const Report& a, const Report& b) { return a.worker < b.worker; });
    const Decoding& decoding = code.decode(arrived);
    s.note_decoding(decoding);
    s.accept_decoded(std::move(reports), decoding.weights);
    for (std::size_t j = 0; j < tasks.size(); ++j)
      if (!arrived[j]) s.revoke(tasks[j]);
    s.update();
  }
}

TEST(GradientMethods, DecodedGradientsTakeTheSamePath) {
  const Protocol coded{.name = "coded",
                       .summary = "",
                       .source = "",
                       .options = {},
                       .prepare = nullptr,
                       .shards_of = nullptr,
                       .run = run_coded<2>};
  for (const char* method : kMethods) {
    Testbed bed = bed_of(method, 8);
    const auto sync = bed.run("sync");
    for (const std::uint64_t seed : {1, 2, 3}) {
      bed.straggler = "pareto";
      bed.seed = seed;
      const auto outcome = bed.run(coded);
      const double distance = (outcome.summary.z - sync.summary.z).norm();
      EXPECT_LE(distance, 1e-9 * sync.summary.z.norm()) << method;
      EXPECT_LE(outcome.summary.decode_error, 1e-9);
      EXPECT_GE(outcome.summary.condition_number, 1);
    }
  }
}

// The sum that arrives is over the shards that are there; what it stands for does not depend on how
// many these are.
TEST(GradientMethods, PartialBarriersThatDiscardLeaveShardsOut) {
  for (const char* method : {"gd", "fedavg", "sgd", "local_sgd"}) {
    Testbed bed = bed_of(method, 8);
    bed.session.protocol_options = {{"missing", std::string("discard")}, {"drop", std::int64_t{2}}};
    bed.straggler = "lognormal:sigma=1";
    bed.session.max_rounds = 150;
    const auto outcome = bed.run("partial_barrier");
    const double at_zero = objective(bed.problem, view(Vector::Zero(13).eval()));
    EXPECT_LT(outcome.summary.last.objective, 0.75 * at_zero) << method;
    for (const RoundRow& row : outcome.rounds) EXPECT_EQ(row.fresh.size(), 6u) << method;
  }
}

// A parameter server: each report is an update, and each shard goes through its batches at its own
// pace.
TEST(GradientMethods, AsynchronousSgdFollowsTheWorkedNumbers) {
  std::ifstream file(LAGGARD_TESTS_DIR "/vectors/sgd.json");
  std::stringstream text;
  text << file.rdbuf();
  const boost::json::value vectors = boost::json::parse(text.str());
  const boost::json::object& c = vectors.at("asynchronous").as_array().at(0).as_object();
  ASSERT_EQ(c.at("rule"), "fresh");
  Testbed bed;
  bed.problem = load("heart", 3, "logistic", "none");
  bed.workers = 3;
  bed.method = "sgd";
  bed.method_options = {{"batch", std::int64_t{16}}, {"gradients", std::string("fresh")}};
  bed.straggler = "fixed:1,1.3,0.7";
  bed.session.protocol_options = {{"min-arrivals", std::int64_t{1}}, {"tau", std::int64_t{1000}}};
  bed.session.stopping.rule = StopRule::none;
  bed.session.max_rounds = 30;
  const auto outcome = bed.run("async");
  const boost::json::array& updates = c.at("updates").as_array();
  ASSERT_EQ(outcome.rounds.size(), updates.size());
  for (std::size_t k = 0; k < updates.size(); ++k) {
    const RoundRow& row = outcome.rounds[k];
    const boost::json::object& expected = updates[k].as_object();
    EXPECT_EQ(row.at, from_seconds(expected.at("virtual_s").to_number<double>()));
    EXPECT_EQ(row.fresh, std::vector<ShardId>{expected.at("shard").to_number<ShardId>()});
    EXPECT_EQ(row.staleness_max, expected.at("staleness").to_number<int>());
    EXPECT_NEAR(row.objective / 270, expected.at("objective").to_number<double>(), 1e-12);
  }
  const boost::json::array& last = c.at("z_last").as_array();
  for (std::size_t j = 0; j < last.size(); ++j)
    EXPECT_NEAR(outcome.summary.z[static_cast<Eigen::Index>(j)], last[j].to_number<double>(),
                1e-12);
}

TEST(GradientMethods, AsynchronousSgdOfOneWorkerIsSgd) {
  Testbed bed = bed_of("sgd", 1);
  const auto sync = bed.run("sync");
  for (const char* gradients : {"latest", "fresh"}) {
    bed.method_options["gradients"] = std::string(gradients);
    EXPECT_EQ(bed.run("async").summary.iterate_digest, sync.summary.iterate_digest);
  }
}

// All shards are in every update: with one new batch each, that of a shard who lags is kept.
TEST(GradientMethods, AsynchronousSgdOverTheLatestGradientsGetsNearTheOptimumToo) {
  Testbed bed = bed_of("sgd", 8);
  bed.straggler = "pareto";
  bed.session.max_rounds = 600;
  for (const char* gradients : {"latest", "fresh"}) {
    bed.method_options["gradients"] = std::string(gradients);
    bed.session.protocol_options = {{"min-arrivals", std::int64_t{2}}};
    const auto outcome = bed.run("async");
    EXPECT_LT(outcome.summary.last.objective,
              0.65 * objective(bed.problem, view(Vector::Zero(13).eval())))
        << gradients;
  }
}

TEST(GradientMethods, LocalSgdMayReuseTheModelsOfShardsThatAreLate) {
  Testbed bed = bed_of("local_sgd", 8);
  bed.session.protocol_options = {{"missing", std::string("reuse")}, {"drop", std::int64_t{2}}};
  bed.straggler = "lognormal:sigma=1";
  const auto outcome = bed.run("partial_barrier");
  EXPECT_LT(outcome.summary.last.objective,
            0.75 * objective(bed.problem, view(Vector::Zero(13).eval())));
}

TEST(GradientMethods, LocalSgdUnderAFractionalCodeIsSyncOfItsGroups) {
  Testbed bed = bed_of("local_sgd", 4);
  const auto sync = bed.run("sync");
  bed.workers = 8;
  bed.straggler = "pareto";
  const auto coded = bed.run("coded");
  EXPECT_EQ(coded.summary.iterate_digest, sync.summary.iterate_digest);
}

}  // namespace
}  // namespace laggard::testing
