// k-means against worked numbers, against Lloyd's iteration on the matrix in full, and against
// itself on other shards.
#include "core/io/error.hpp"
#include "core/problem/sharding.hpp"
#include "core/task/random.hpp"
#include "methods/kmeans/start.hpp"
#include "tests/method/dense_problem.hpp"
#include "tests/method/sync_run.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <fstream>
#include <sstream>

namespace laggard {
namespace {

namespace json = boost::json;
using testing::Dense;
using testing::load;
using testing::SyncRun;

const json::object& vectors() {
  static const json::object all = [] {
    std::ifstream file(LAGGARD_TESTS_DIR "/vectors/kmeans.json");
    std::stringstream text;
    text << file.rdbuf();
    return json::parse(text.str()).as_object();
  }();
  return all;
}

double number(const json::value& value) { return value.to_number<double>(); }

OptionValues three_clusters(const std::string& reduce = "sums") {
  return {{"clusters", std::int64_t{3}}, {"reduce", reduce}, {"threshold", 0.0}};
}

double objective_of(const SyncRun& run) {
  return run.halves.coordinator->objective()->value(run.z(), 2);
}

// The rows nearest to each centre, as the workers count them.
std::vector<std::int64_t> counts_of(SyncRun& run, std::size_t clusters) {
  static const std::atomic<bool> never{false};
  std::vector<std::int64_t> counts(clusters);
  for (ShardId p = 0; p < run.halves.coordinator->shards(); ++p) {
    Task task;
    task.shard = p;
    run.halves.coordinator->form(task);
    const Contribution report = run.halves.worker->compute(task, run.scratch, never);
    for (std::size_t k = 0; k < clusters; ++k)
      counts[k] += static_cast<std::int64_t>(report.scalars[k]);
  }
  return counts;
}

void expect_centres(const Vector& z, const json::array& expected) {
  const auto d = static_cast<std::size_t>(z.size()) / expected.size();
  for (std::size_t k = 0; k < expected.size(); ++k)
    for (std::size_t j = 0; j < d; ++j)
      EXPECT_NEAR(z[static_cast<Eigen::Index>(k * d + j)], number(expected[k].at(j)), 1e-11);
}

void follow(SyncRun& run, const json::object& c) {
  for (const json::value& value : c.at("iterations").as_array()) {
    const json::object& iteration = value.as_object();
    const double objective = number(iteration.at("objective"));
    EXPECT_NEAR(objective_of(run), objective, 1e-11 * objective);
    const json::array& counts = iteration.at("counts").as_array();
    ASSERT_GT(number(iteration.at("margin")), 1e-9);
    const std::vector<std::int64_t> found = counts_of(run, counts.size());
    for (std::size_t k = 0; k < counts.size(); ++k) EXPECT_EQ(found[k], counts[k].as_int64());
    EXPECT_NEAR(run.round().primal, number(iteration.at("moved")), 1e-11);
  }
  const double end = number(c.at("objective_end"));
  EXPECT_NEAR(objective_of(run), end, 1e-11 * end);
  expect_centres(run.z(), c.at("centres").as_array());
}

TEST(KMeans, FollowsTheWorkedNumbers) {
  SyncRun run("kmeans", load("heart", 4, "logistic", "none"), three_clusters());
  follow(run, vectors());
}

// The exhibit comes to rest where k-means would not.
TEST(KMeans, TheMeanOfMeansStopsWhereOneRightStepStillLowersTheObjective) {
  const Problem problem = load("heart", 4, "logistic", "none");
  const json::object& c = vectors().at("mean_of_means").as_object();
  SyncRun exhibit("kmeans", problem, three_clusters("mean_of_means"));
  follow(exhibit, c);
  // At its end a shard that knows the centres adds up what sums would have made of them.
  EXPECT_LT(exhibit.round().primal, 1e-12) << "it has not come to rest";
  MethodHalves right = testing::halves_of("kmeans", problem, three_clusters());
  static const std::atomic<bool> never{false};
  for (ShardId p = 0; p < 4; ++p) {
    Task task;
    task.shard = p;
    exhibit.halves.coordinator->form(task);
    right.coordinator->accept(task, right.worker->compute(task, exhibit.scratch, never));
  }
  right.coordinator->update();
  EXPECT_NEAR(right.coordinator->objective()->value(*right.coordinator->z(), 1),
              number(c.at("after_one_right_step")), 1e-8);
}

Problem integers(int shards) {
  const json::object& c = vectors().at("integers").as_object();
  auto data = std::make_shared<Dataset>();
  data->name = "integers";
  data->a.columns = 2;
  data->a.row_start.push_back(0);
  for (const json::value& row : c.at("rows").as_array()) {
    for (std::uint32_t j = 0; j < 2; ++j) {
      if (number(row.at(j)) == 0) continue;
      data->a.column.push_back(j);
      data->a.value.push_back(number(row.at(j)));
    }
    data->a.row_start.push_back(data->a.nonzeros());
    data->label.push_back(1);
  }
  Problem problem;
  problem.data = data;
  problem.shards = shards;
  problem.loss = make_loss("logistic");
  problem.regularizer = make_regularizer("none");
  return problem;
}

TEST(KMeans, OfIntegersFollowsTheWorkedNumbersWithAnyShards) {
  const json::object& c = vectors().at("integers").as_object();
  std::vector<Vector> ends;
  for (int shards = 1; shards <= 13; ++shards) {
    SyncRun run("kmeans", integers(shards), three_clusters());
    follow(run, c);
    EXPECT_EQ(objective_of(run), number(c.at("objective_end"))) << "sums are exact";
    ends.push_back(run.z());
    EXPECT_EQ(ends.back(), ends.front()) << shards;
  }
  SyncRun exhibit("kmeans", integers(3), three_clusters("mean_of_means"));
  follow(exhibit, c.at("mean_of_means_P3").as_object());
}

// Lloyd's iteration as a textbook has it. [rows x d], K x d; returns the objective of `c`.
double lloyd(const Eigen::MatrixXd& a, Eigen::MatrixXd& c) {
  Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(c.rows(), c.cols());
  Vector counts = Vector::Zero(c.rows());
  double objective = 0;
  for (Eigen::Index n = 0; n < a.rows(); ++n) {
    Eigen::Index k = 0;
    objective += (c.rowwise() - a.row(n)).rowwise().squaredNorm().minCoeff(&k);
    sums.row(k) += a.row(n);
    counts[k] += 1;
  }
  for (Eigen::Index k = 0; k < c.rows(); ++k)
    if (counts[k] > 0) c.row(k) = sums.row(k) / counts[k];
  return objective;
}

TEST(KMeans, IsLloydsIterationAndItsObjectiveNeverRises) {
  for (const char* name : {"heart", "mushrooms", "communities"}) {
    for (const int shards : {1, 3, 8}) {
      const Problem problem = load(name, shards, "squared", "none");
      const Dense dense(problem);
      SyncRun run("kmeans", problem, {{"clusters", std::int64_t{11}}});
      const Eigen::Index d = problem.features();
      Eigen::MatrixXd c(11, d);
      for (Eigen::Index k = 0; k < 11; ++k) c.row(k) = run.z().segment(k * d, d);
      double before = kInfinity;
      for (int k = 0; k < 12; ++k) {
        const double objective = lloyd(dense.a, c);
        EXPECT_NEAR(objective_of(run), objective, 1e-11 * objective) << name << " round " << k;
        EXPECT_LE(objective_of(run), before * (1 + 1e-14)) << name << " round " << k;
        before = objective_of(run);
        run.round();
      }
    }
  }
}

TEST(KMeans, ReportsAddUpToTheObjectiveAtTheCentresThatWereSent) {
  const Problem problem = load("rcv1_1500", 7, "logistic", "none");  // shards lack features
  SyncRun run("kmeans", problem, {{"clusters", std::int64_t{9}}});
  static const std::atomic<bool> never{false};
  for (int round = 0; round < 4; ++round) {
    double sum = 0;
    for (ShardId p = 0; p < 7; ++p) {
      Task task;
      task.shard = p;
      run.halves.coordinator->form(task);
      const Contribution report = run.halves.worker->compute(task, run.scratch, never);
      EXPECT_EQ(report.passes, 10) << "K + 1";
      EXPECT_EQ(report.scalars.size(), 10u);
      sum += report.scalars.back();
    }
    EXPECT_NEAR(sum, objective_of(run), 1e-12 * sum);
    run.round();
  }
}

TEST(KMeans, TheObjectiveHasTheSameBitsWithAnyShardsAndThreads) {
  SyncRun one("kmeans", load("a9a", 1, "logistic", "none"));
  SyncRun many("kmeans", load("a9a", 12, "logistic", "none"));
  const auto value = [](const SyncRun& run, int threads) {
    return run.halves.coordinator->objective()->value(run.z(), threads);
  };
  EXPECT_EQ(value(one, 1), value(many, 3));
  one.round();
  many.round();
  EXPECT_EQ(one.z(), many.z()) << "rows of zeros and ones: sums are exact";
  EXPECT_EQ(value(one, 2), value(many, 1));
}

TEST(KMeans, ACentreWithoutARowStays) {
  SyncRun run("kmeans", integers(1), {{"clusters", std::int64_t{2}}});
  Task task;
  run.halves.coordinator->form(task);
  Contribution report;
  report.vectors.push_back((Vector(4) << 0, 0, 9, 3).finished());
  report.scalars = {0, 2, 1};
  run.halves.coordinator->accept(task, std::move(report));
  EXPECT_NEAR(run.halves.coordinator->update().primal, std::sqrt(4.5 * 4.5 + 0.5 * 0.5) / 2, 1e-15)
      << "(9, 1) becomes (4.5, 1.5)";
  EXPECT_EQ(run.z(), (Vector(4) << 0, 0, 4.5, 1.5).finished());
}

TEST(KMeans, ThresholdEndsTheRunOnceTheCentresMoveLess) {
  const Problem problem = load("heart", 4, "logistic", "none");
  OptionValues options = three_clusters();
  options["threshold"] = 0.1;
  SyncRun run("kmeans", problem, options);
  EXPECT_EQ(run.round().ended, "");  // moves of 1.9, 0.46, 0.022
  EXPECT_EQ(run.round().ended, "");
  EXPECT_EQ(run.round().ended, "the centres moved by 0.0216 on average, less than --threshold 0.1");
}

TEST(KMeans, StartsAtTheFirstRowsOfTheSourceHoweverThatIsDealt) {
  const Problem problem = integers(1);
  const Vector start = first_centres(*problem.data, 4, {});
  EXPECT_EQ(start, (Vector(8) << 0, 0, 9, 1, 1, 0, 0, 2).finished());
  const Vector sampled = first_centres(*problem.data, 4, 7);
  const auto order = permutation(13, Draws(7, Stream::row_sample, 0));
  const json::array& rows = vectors().at("integers").at("rows").as_array();
  for (std::size_t k = 0; k < 4; ++k)
    for (std::size_t j = 0; j < 2; ++j)
      EXPECT_EQ(sampled[static_cast<Eigen::Index>(2 * k + j)], number(rows[order[k]].at(j)));
  for (const Sharding sharding : {Sharding::round_robin, Sharding::shuffle}) {
    const Dataset dealt = arrange(*problem.data, sharding, 4, 5);
    EXPECT_EQ(first_centres(dealt, 4, {}), start);
    EXPECT_EQ(first_centres(dealt, 4, 7), sampled);
  }
}

TEST(KMeans, EqualRowsAreOneCentre) {
  auto data = std::make_shared<Dataset>(*integers(1).data);
  data->a.value[2] = 0;  // row 2 becomes (0, 0), as row 0 is that has no entry at all
  const Vector start = first_centres(*data, 3, {});
  EXPECT_EQ(start, (Vector(6) << 0, 0, 9, 1, 0, 2).finished());
  try {
    first_centres(*data, 14, {});
    FAIL() << "more centres than rows";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              "--clusters: 14 is more than the 12 distinct rows of integers; expected at most 12");
  }
}

TEST(KMeans, OnAWireOfFloatsTheCentresAreFloats) {
  const Problem problem = load("heart", 4, "logistic", "none");
  MethodHalves halves = testing::halves_of("kmeans", problem, three_clusters(), Precision::f32);
  for (const double entry : *halves.coordinator->z()) EXPECT_EQ(entry, static_cast<float>(entry));
}

}  // namespace
}  // namespace laggard
