// k-means run by protocols on fleets.                                              [math 12.1]
#include "tests/support/testbed.hpp"

#include <gtest/gtest.h>

#include <random>

namespace laggard::testing {
namespace {

// Small integers: sums of rows are exact, in whatever order.
std::shared_ptr<Dataset> integers() {
  auto data = std::make_shared<Dataset>();
  data->name = data->identity = "integers";
  data->a.columns = 4;
  data->a.row_start.push_back(0);
  std::mt19937 random(5);
  for (int n = 0; n < 240; ++n) {
    for (std::uint32_t j = 0; j < 4; ++j) {
      data->a.column.push_back(j);
      data->a.value.push_back(static_cast<double>(random() % 41) - 20);
    }
    data->a.row_start.push_back(data->a.nonzeros());
    data->label.push_back(1);
  }
  return data;
}

Testbed bed_of(int workers) {
  Testbed bed;
  bed.problem = {.data = integers(),
                 .loss = make_loss("logistic"),
                 .regularizer = make_regularizer("none"),
                 .shards = workers};
  bed.workers = workers;
  bed.method = "kmeans";
  bed.method_options = {{"clusters", std::int64_t{9}}};
  bed.session.stopping.rule = StopRule::none;
  return bed;
}

// Lloyd's iteration on one machine, by textbook; the centres after it has come to rest.
Vector lloyd(const Dataset& data, Eigen::Index clusters) {
  const Eigen::Index d = data.features();
  Eigen::MatrixXd a = Eigen::MatrixXd::Zero(data.samples(), d);
  for (std::int64_t n = 0; n < data.samples(); ++n)
    for (std::int64_t i = data.a.row_start[n]; i < data.a.row_start[n + 1]; ++i)
      a(n, data.a.column[i]) = data.a.value[i];
  Eigen::MatrixXd c = a.topRows(clusters), before;
  do {
    before = c;
    Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(clusters, d);
    Vector counts = Vector::Zero(clusters);
    for (Eigen::Index n = 0; n < a.rows(); ++n) {
      Eigen::Index k = 0;
      (c.rowwise() - a.row(n)).rowwise().squaredNorm().minCoeff(&k);
      sums.row(k) += a.row(n);
      counts[k] += 1;
    }
    for (Eigen::Index k = 0; k < clusters; ++k)
      if (counts[k] > 0) c.row(k) = sums.row(k) / counts[k];
  } while (c != before);
  const Eigen::MatrixXd rows = c.transpose();
  return Eigen::Map<const Vector>(rows.data(), rows.size());
}

TEST(KMeansEverywhere, IntegersTakeThePathOfOneMachineBitForBit) {
  const Vector expected = lloyd(*integers(), 9);
  std::uint64_t digest = 0;
  int runs = 0;
  const auto expect_path = [&](const Testbed& bed, const std::string& protocol, bool threads) {
    const auto outcome = bed.run(protocol, threads);
    EXPECT_EQ(outcome.summary.stop, StopReason::method_ended) << protocol;
    EXPECT_EQ(outcome.summary.z, expected) << protocol << " P " << bed.problem.shards;
    if (runs++ == 0) digest = outcome.summary.iterate_digest;
    EXPECT_EQ(outcome.summary.iterate_digest, digest) << protocol;
    for (std::size_t k = 1; k < outcome.rounds.size(); ++k)
      EXPECT_LE(outcome.rounds[k].objective, outcome.rounds[k - 1].objective);
    EXPECT_TRUE(std::isnan(outcome.summary.kkt));
  };
  for (const int shards : {1, 2, 5, 12}) {
    for (const bool threads : {false, true}) {
      Testbed bed = bed_of(shards);
      bed.straggler = threads ? "none" : "pareto+crash:p=0.05";
      expect_path(bed, "sync", threads);
      expect_path(bed, "backup", threads);
      expect_path(bed, "multi_message", threads);
      bed.session.protocol_options = {{"drop", std::int64_t{0}}};
      expect_path(bed, "partial_barrier", threads);
      bed.session.protocol_options = {};
      bed.workers = std::max(1, shards / 2);
      expect_path(bed, "sync", threads);
      bed.workers = 2 * shards;
      bed.session.protocol_options = {{"redundancy", std::int64_t{1}}};
      expect_path(bed, "coded", threads);
    }
  }
}

// Minibatch k-means: an update is over the shards that came.
TEST(KMeansEverywhere, PartialBarriersThatDiscardTakeTheMeansOfWhoCame) {
  Testbed bed = bed_of(8);
  bed.straggler = "lognormal:sigma=1";
  bed.session.protocol_options = {{"missing", std::string("discard")}, {"drop", std::int64_t{2}}};
  bed.session.max_rounds = 1;
  const auto outcome = bed.run("partial_barrier");
  ASSERT_EQ(outcome.rounds.front().fresh.size(), 6u);
  const Dataset& all = *bed.problem.data;
  Vector sums = Vector::Zero(36), counts = Vector::Zero(9);
  Eigen::MatrixXd c(9, 4);
  for (Eigen::Index k = 0; k < 9; ++k)
    for (Eigen::Index j = 0; j < 4; ++j) c(k, j) = all.a.value[4 * k + j];
  for (const ShardId p : outcome.rounds.front().fresh) {
    const Rows rows = bed.problem.shard(p);
    for (std::int64_t n = rows.begin; n < rows.end; ++n) {
      const Eigen::RowVector4d row = Eigen::Map<const Eigen::RowVector4d>(&all.a.value[4 * n]);
      Eigen::Index k = 0;
      (c.rowwise() - row).rowwise().squaredNorm().minCoeff(&k);
      sums.segment(4 * k, 4) += row.transpose();
      counts[k] += 1;
    }
  }
  for (Eigen::Index k = 0; k < 9; ++k) {
    if (counts[k] == 0) continue;
    EXPECT_EQ(outcome.summary.z.segment(4 * k, 4), (sums.segment(4 * k, 4) / counts[k]).eval());
  }
}

}  // namespace
}  // namespace laggard::testing
