#include "core/problem/problem.hpp"

#include "core/problem/sharding.hpp"
#include "core/problem/synthetic.hpp"
#include "tests/support/small_problem.hpp"

#include <gtest/gtest.h>

#include <set>

namespace laggard {
namespace {

TEST(Objective, IsTheSumOverTheFullMatrix) {
  const auto data = small_data(50, 7, 0.5, 8);
  const Problem problem = make_problem(data, "squared", "l1:0.3");
  std::mt19937_64 random(1);
  const Vector x = draw_vector(random, 7, 2);
  const Vector residual = dense({data.get(), 0, 50}) * x - labels_of(*data);
  EXPECT_NEAR(objective(problem, view(x)), 0.5 * residual.squaredNorm() + 0.3 * x.lpNorm<1>(),
              1e-12);
  Vector gradient(7);
  EXPECT_NEAR(smooth_gradient(problem, view(x), view(gradient)), 0.5 * residual.squaredNorm(),
              1e-12);
  EXPECT_LE((gradient - dense({data.get(), 0, 50}).transpose() * residual).norm(), 1e-12);
}

TEST(Objective, GradientIsThatOfTheValueForEveryLoss) {
  constexpr double kStep = 1e-6;
  const auto data = small_data(200, 9, 0.4, 9);
  std::mt19937_64 random(2);
  for (const char* loss : {"logistic", "squared", "huber:0.7", "squared_hinge"}) {
    const Problem problem = make_problem(data, loss, "none");
    const Vector x = draw_vector(random, 9), along = draw_vector(random, 9);
    Vector gradient(9);
    smooth_gradient(problem, view(x), view(gradient));
    const Vector above = x + kStep * along, below = x - kStep * along;
    const double slope =
        (objective(problem, view(above)) - objective(problem, view(below))) / (2 * kStep);
    EXPECT_NEAR(gradient.dot(along), slope, 1e-6) << loss;
  }
}

TEST(Objective, HasTheSameBitsWithAnyNumberOfThreadsAndShards) {
  const auto data = std::make_shared<Dataset>(
      make_synthetic(parse_synthetic("n=50001,d=300,density=0.03,seed=3"), 1));
  Problem problem = make_problem(data, "logistic", "l1:1");
  std::mt19937_64 random(3);
  const Vector x = draw_vector(random, 300, 0.1);
  Vector expected(300), gradient(300);
  const double value = objective(problem, view(x), 1);
  const double smooth = smooth_gradient(problem, view(x), view(expected), 1);
  const double kkt = kkt_residual(problem, view(x), 1);
  for (int threads : {2, 3, 8, 40}) {
    problem.shards = threads;
    EXPECT_EQ(objective(problem, view(x), threads), value);
    EXPECT_EQ(smooth_gradient(problem, view(x), view(gradient), threads), smooth);
    EXPECT_EQ(gradient, expected);
    EXPECT_EQ(kkt_residual(problem, view(x), threads), kkt);
  }
}

TEST(Objective, DoesNotDependOnTheOrderOfTheRows) {
  const auto data = small_data(9000, 12, 0.5, 10);
  const auto shuffled =
      std::make_shared<Dataset>(arrange(Dataset(*data), Sharding::shuffle, 4, 17));
  std::mt19937_64 random(4);
  const Vector x = draw_vector(random, 12, 2);
  const double value = objective(make_problem(data, "logistic", "l2:0.1"), view(x));
  const double other = objective(make_problem(shuffled, "logistic", "l2:0.1"), view(x));
  EXPECT_NEAR(other / value, 1, 1e-12);  // 9000 roundings of 1e-16, at random
}

TEST(KktResidual, VanishesAtAMinimiserAndOnlyThere) {
  // One sample, one feature: (x - 3)^2/2 + |x| is least at 2.
  auto data = std::make_shared<Dataset>();
  data->a.columns = 1;
  data->a.row_start.append(std::array<std::int64_t, 2>{0, 1});
  data->a.column.push_back(0);
  data->a.value.push_back(1);
  data->label.push_back(3);
  const Problem problem = make_problem(data, "squared", "l1:1");
  const auto kkt = [&](double x) { return kkt_residual(problem, std::array{x}); };
  EXPECT_EQ(kkt(2), 0);
  EXPECT_DOUBLE_EQ(kkt(4), 2.0 / 4);  // divided by max(1, norm(x))
  EXPECT_DOUBLE_EQ(kkt(0.5), 1.5);
}

TEST(Fingerprint, NamesTheDataTheLossAndTheRegularizerAndNothingElse) {
  const auto data = small_data(30, 4, 0.5, 1);
  const auto other = small_data(30, 4, 0.5, 2);
  const auto wider = std::make_shared<Dataset>(*data);
  wider->a.columns = 5;
  std::set<std::string> names = {fingerprint(make_problem(data, "logistic", "l1:1")),
                                 fingerprint(make_problem(other, "logistic", "l1:1")),
                                 fingerprint(make_problem(wider, "logistic", "l1:1")),
                                 fingerprint(make_problem(data, "squared", "l1:1")),
                                 fingerprint(make_problem(data, "logistic", "l1:2"))};
  EXPECT_EQ(names.size(), 5u);
  Problem problem = make_problem(data, "logistic", "l1:1.0");
  problem.shards = 7;
  EXPECT_EQ(names.count(fingerprint(problem)), 1u);
  for (const std::string& name : names) {
    EXPECT_EQ(name.size(), 32u);
    EXPECT_EQ(name.find_first_not_of("0123456789abcdef"), std::string::npos);
  }
}

}  // namespace
}  // namespace laggard
