#include "core/method/gradient_sum.hpp"

#include "tests/method/dense_problem.hpp"

#include <gtest/gtest.h>
#include <Eigen/SVD>

#include <random>

namespace laggard {
namespace {

using testing::Dense;
using testing::load;

const std::atomic<bool> kGo{false};

SharedVector noise(int d, unsigned seed) {
  std::mt19937 generator(seed);
  return std::make_shared<Vector>(
      Vector::NullaryExpr(d, [&](Eigen::Index) { return double(generator()) / 2e9 - 1; }));
}

Task task_at(SharedVector z, ShardId shard, std::vector<Part> parts = {}) {
  Task task;
  task.z = std::move(z);
  task.shard = shard;
  task.parts = std::move(parts);
  return task;
}

Contribution compute(const GradientSum& half, const Task& task) {
  Workspace scratch;
  return half.compute(task, scratch, kGo);
}

TEST(GradientSum, IsTheSlopeOfTheValue) {
  for (const char* loss : {"logistic", "squared", "huber:0.3", "squared_hinge"}) {
    const Problem problem = load("heart", 3, loss, "none");
    const GradientSum half(problem);
    for (ShardId p = 0; p < 3; ++p) {
      const SharedVector z = noise(problem.features(), 1 + unsigned(p));
      const Contribution at = compute(half, task_at(z, p));
      for (int j = 0; j < problem.features(); ++j) {
        // Central differences: h^2 of truncation, and 1e-16 of the value over h of round-off.
        constexpr double kStep = 1e-5;
        Vector up = *z, down = *z;
        up[j] += kStep;
        down[j] -= kStep;
        const double rise = compute(half, task_at(std::make_shared<Vector>(up), p)).scalars.at(0) -
                            compute(half, task_at(std::make_shared<Vector>(down), p)).scalars.at(0);
        EXPECT_NEAR(at.vectors.at(0)[j], rise / (2 * kStep),
                    2e-5 * std::max(1.0, std::abs(at.vectors.at(0)[j])))
            << loss;
      }
    }
  }
}

// rcv1's shards hold few of the features, heart's all of them.
TEST(GradientSum, ShardsAddUpToTheWhole) {
  for (const char* name : {"heart", "rcv1_1500"}) {
    const Problem problem = load(name, 5, "logistic", "none");
    const GradientSum half(problem);
    const SharedVector z = noise(problem.features(), 4);
    Vector sum = Vector::Zero(problem.features());
    double value = 0;
    for (ShardId p = 0; p < 5; ++p) {
      const Contribution part = compute(half, task_at(z, p));
      sum += part.vectors.at(0);
      value += part.scalars.at(0);
    }
    Vector whole(problem.features());
    const double f = smooth_gradient(problem, view(*z), view(whole));
    EXPECT_LE((sum - whole).norm(), 1e-12 * whole.norm()) << name;
    EXPECT_NEAR(value, f, 1e-12 * f) << name;
  }
}

TEST(GradientSum, PartsAreWeightedAndCounted) {
  for (const char* name : {"heart", "rcv1_1500"}) {
    const Problem problem = load(name, 6, "logistic", "none");
    const GradientSum half(problem);
    const SharedVector z = noise(problem.features(), 4);
    const Task coded = task_at(z, 4, {{4, 0.5}, {5, -2}, {0, 3}});
    const Contribution sum = compute(half, coded);
    const Contribution c4 = compute(half, task_at(z, 4)), c5 = compute(half, task_at(z, 5)),
                       c0 = compute(half, task_at(z, 0));
    ASSERT_EQ(sum.vectors.size(), 1u);
    ASSERT_EQ(sum.scalars.size(), 1u);
    const Vector &g4 = c4.vectors.at(0), &g5 = c5.vectors.at(0), &g0 = c0.vectors.at(0);
    EXPECT_LE((sum.vectors[0] - (0.5 * g4 - 2 * g5 + 3 * g0)).norm(), 1e-13 * g4.norm());
    const double f4 = c4.scalars.at(0), f5 = c5.scalars.at(0), f0 = c0.scalars.at(0);
    EXPECT_NEAR(sum.scalars[0], 0.5 * f4 - 2 * f5 + 3 * f0, 1e-12 * f4);
    EXPECT_EQ(half.nonzeros(coded), problem.shard(4).nonzeros() + problem.shard(5).nonzeros() +
                                        problem.shard(0).nonzeros());
    EXPECT_EQ(half.nonzeros(task_at(z, 3)), problem.shard(3).nonzeros());
    EXPECT_EQ(sum.passes, 2);
    EXPECT_EQ(sum.inner_iterations, 1);
    EXPECT_TRUE(half.keep(coded, sum).empty());
    EXPECT_FALSE(sum.stopped);
  }
}

TEST(GradientSum, StopsWhenToldTo) {
  const Problem problem = load("heart", 2, "logistic", "none");
  const GradientSum half(problem);
  const std::atomic<bool> stop{true};
  Workspace scratch;
  const Contribution out = half.compute(task_at(noise(problem.features(), 1), 0), scratch, stop);
  EXPECT_TRUE(out.stopped);
  EXPECT_EQ(out.passes, 0);
}

TEST(GradientSum, LipschitzConstantsBoundTheCurvatureClosely) {
  const Problem problem = load("heart", 3, "logistic", "none");
  const GradientSum half(problem);
  const Eigen::MatrixXd a = Dense(problem).a;
  double sum = 0;
  for (ShardId p = 0; p < 3; ++p) {
    const Rows rows = problem.shard(p);
    const Eigen::JacobiSVD<Eigen::MatrixXd> svd(a.middleRows(rows.begin, rows.count()));
    const double exact = 0.25 * svd.singularValues()[0] * svd.singularValues()[0];
    EXPECT_GE(half.lipschitz(p), exact);
    EXPECT_LE(half.lipschitz(p), 1.1 * exact);
    sum += half.lipschitz(p);
  }
  EXPECT_EQ(half.total_lipschitz(1), sum);
  EXPECT_EQ(half.total_lipschitz(4), sum);
}

}  // namespace
}  // namespace laggard
