// The methods of gradients, run by a protocol on a fleet.
#include "protocols/coded/gradient_code.hpp"
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace laggard::testing {
namespace {

Testbed bed_of(const std::string& method, int workers) {
  Testbed bed;
  bed.problem = load("heart", workers, "logistic", needs_smooth(method) ? "l2:13.5" : "l1:1");
  bed.workers = workers;
  bed.method = method;
  bed.session.max_rounds = 60;
  bed.session.stopping.rule = StopRule::none;
  return bed;
}

const char* const kMethods[] = {"linearized_admm", "fista", "agd", "gd", "nesterov", "fedavg"};

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
  for (const char* method : kMethods) {
    Testbed bed = bed_of(method, 6);
    const auto plain = bed.run("sync"), threads = bed.run("sync", true);
    bed.straggler = "pareto";
    bed.network = function_network();
    const auto unlucky = bed.run("sync");
    EXPECT_EQ(plain.summary.iterate_digest, threads.summary.iterate_digest) << method;
    EXPECT_EQ(plain.summary.iterate_digest, unlucky.summary.iterate_digest) << method;
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
    s.note_decoding(decoding.error, decoding.condition);
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

}  // namespace
}  // namespace laggard::testing
