// What a certificate rests on: bounds of phi* that hold, and that close.
#include "core/reference/bracket.hpp"

#include "core/problem/svmlight.hpp"
#include "core/reference/reference.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/small_problem.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace laggard::reference {
namespace {

constexpr double kRounding = 1e-12;
constexpr std::int64_t kMany = 1'000'000;

Dataset heart() {
  ReadOptions options;
  options.classification = true;
  return read_svmlight(std::string(LAGGARD_DATA_DIR) + "/heart.svm.gz", options);
}

using Pair = std::tuple<std::string, std::string>;

// Every loss with every regulariser, those too whose conjugate is finite almost nowhere.
class EveryPair : public testing::TestWithParam<Pair> {
 protected:
  static Problem problem_of(std::shared_ptr<const Dataset> data) {
    return make_problem(std::move(data), std::get<0>(GetParam()), std::get<1>(GetParam()));
  }
  // phi* by the reference solver; 0 where it is not attained: the data can be separated.
  static double optimum_of(const Problem& problem) {
    try {
      return solve_reference(problem, 1).objective;
    } catch (const Error&) {
      return 0;
    }
  }
  static void expect_bounds_that_hold_and_close(const Problem& problem) {
    const double optimum = optimum_of(problem);
    const double rounding = kRounding * std::max(1.0, optimum);
    std::mt19937_64 random(3);
    Bracket bracket(problem, 1);
    EXPECT_LE(bracket.lower(), optimum + rounding) << "before it has seen a point";
    for (const double scale : {0.0, 1e-3, 0.1, 1.0, 10.0}) {
      Vector x = draw_vector(random, problem.features(), scale);
      problem.regularizer->prox(view(x), 1e-9, view(x));
      const double before = bracket.lower();
      const Seen seen = bracket.tighten(x, 0, 0, 0);
      EXPECT_EQ(seen.objective, objective(problem, view(x)));
      EXPECT_EQ(seen.kkt, kkt_residual(problem, view(x)));
      EXPECT_GE(bracket.lower(), before);
      EXPECT_LE(bracket.lower(), optimum + rounding) << "at a point of scale " << scale;
      EXPECT_GE(bracket.upper(), optimum - rounding);
      EXPECT_GE(bracket.gap(objective(problem, view(x))),
                relative_gap(objective(problem, view(x)), optimum) - kRounding);
    }
    bracket.tighten(Vector::Zero(problem.features()).eval(), 0, 1e-6, kMany);
    EXPECT_LE(bracket.gap(bracket.upper()), 1e-6);
    EXPECT_LE(bracket.lower(), optimum + rounding);
    EXPECT_GE(bracket.upper(), optimum - rounding);
  }
};

TEST_P(EveryPair, IsBoundedWithMoreSamplesThanFeatures) {
  expect_bounds_that_hold_and_close(problem_of(small_data(300, 20, 0.4, 1)));
}

TEST_P(EveryPair, IsBoundedWithMoreFeaturesThanSamples) {
  expect_bounds_that_hold_and_close(problem_of(small_data(25, 60, 0.4, 2)));
}

INSTANTIATE_TEST_SUITE_P(
    All, EveryPair,
    testing::Combine(testing::Values("logistic", "squared", "huber:0.5", "squared_hinge"),
                     testing::Values("none", "l1:0", "l1:0.3", "l2:0", "l2:0.3", "l2:1e-6",
                                     "elastic_net:0.3,0.2", "box:-0.1,0.3", "box:-0.1,inf",
                                     "box:-inf,0.2", "nonnegative", "group_l2:0.5,3",
                                     "group_l2:0,3")),
    [](const auto& test) {
      return case_name("{}_{}", std::get<0>(test.param), std::get<1>(test.param));
    });

// Without a regulariser a dual point is feasible by rounding alone, and rounding is relative: a
// feature in other units must not be taken for one that is fitted.
TEST(Bracket, WithoutARegularizerAFeatureInOtherUnitsBoundsAlike) {
  for (const double unit : {1e-9, 1.0, 1e9}) {
    auto data = small_data(100, 5, 0.8, 4);
    for (double& value : data->a.value) value *= unit;
    const Problem problem = make_problem(data, "squared", "none");
    Bracket bracket(problem, 1);
    bracket.tighten(Vector::Zero(5).eval(), 0, 0, 0);
    EXPECT_EQ(bracket.lower(), 0) << "at 0, where the gradient in these units is 1e-9 of another";
    bracket.tighten(Vector::Zero(5).eval(), 0, 1e-7, kMany);
    EXPECT_LE(bracket.gap(bracket.upper()), 1e-7) << unit;
  }
}

// At the optimum, which is 0 here, rounding puts the bound above phi.
TEST(Bracket, ACertifiedGapIsNeverBelowZero) {
  const auto data = std::make_shared<Dataset>(heart());
  Problem problem = make_problem(data, "logistic", "l1:1e5");
  problem.shards = 8;
  const Vector zero = Vector::Zero(13);
  Bracket bracket(problem, 1);
  bracket.tighten(zero, 0, 0, 0);
  const double phi = objective(problem, view(zero));
  EXPECT_GT(bracket.lower(), phi) << "or this test shows nothing";
  EXPECT_EQ(bracket.gap(phi), 0);
}

TEST(Bracket, AnOptimumThatOthersFoundLiesWithin) {
  const double liblinear = 102.66782752699845;  // tests/reference/known_optima_test.cpp
  const auto data = std::make_shared<Dataset>(heart());
  const Problem problem = make_problem(data, "logistic", "l1:1");
  Bracket bracket(problem, 1);
  bracket.tighten(Vector::Zero(13).eval(), 0, 1e-10, kMany);
  EXPECT_LE(bracket.lower(), liblinear * (1 + kRounding));
  EXPECT_GE(bracket.upper(), liblinear * (1 - kRounding));
  EXPECT_LE(bracket.gap(bracket.upper()), 1e-10);
}

TEST(Bracket, DoesNoMoreThanIsAskedFor) {
  const Problem problem = make_problem(small_data(300, 20, 0.4, 1), "logistic", "l1:0.3");
  const Vector zero = Vector::Zero(20);
  Bracket bracket(problem, 1);
  bracket.tighten(zero, 0, 1e-9, 0);
  EXPECT_EQ(bracket.passes(), 3) << "margins, norms of columns, gradient";
  bracket.tighten(zero, 0, 1e-9, kMany);
  const std::int64_t passes = bracket.passes();
  EXPECT_GT(passes, 10);
  bracket.tighten(zero, 1, 1e-9, kMany);
  EXPECT_EQ(bracket.passes(), passes + 1) << "the gap of 0 is known to be less";
  bracket.tighten(zero, 0, 1e-9, kMany);
  EXPECT_EQ(bracket.passes(), passes + 3) << "the bracket is narrow enough";
}

TEST(Bracket, PreparedEarlyDoesNothingTwice) {
  const Problem problem = make_problem(small_data(300, 20, 0.4, 1), "logistic", "l1:0.3");
  const Vector zero = Vector::Zero(20);
  Bracket early(problem, 1), late(problem, 1);
  early.prepare();
  early.prepare();
  EXPECT_EQ(early.passes(), 1);
  for (Bracket* bracket : {&early, &late}) bracket->tighten(zero, 0, 1e-9, kMany);
  EXPECT_EQ(early.passes(), late.passes());
  EXPECT_EQ(early.lower(), late.lower());
}

TEST(Bracket, DoesNotDependOnThreads) {
  const auto data = small_data(9000, 40, 0.9, 7);
  const Problem problem = make_problem(data, "squared_hinge", "l1:2");
  Bracket one(problem, 1), four(problem, 4);
  const Vector zero = Vector::Zero(40);
  for (Bracket* bracket : {&one, &four}) {
    const Seen seen = bracket->tighten(zero, 0, 1e-9, kMany);
    EXPECT_EQ(seen.objective, objective(problem, view(zero)));
    EXPECT_EQ(seen.kkt, kkt_residual(problem, view(zero)));
  }
  EXPECT_EQ(one.lower(), four.lower());
  EXPECT_EQ(one.upper(), four.upper());
}

TEST(Bracket, AnInterruptEndsTheSearchAndKeepsTheBounds) {
  const Problem problem = make_problem(small_data(300, 20, 0.4, 1), "logistic", "l1:0.3");
  int asked = 0;
  Bracket bracket(problem, 1, [&] { return ++asked > 8; });
  bracket.tighten(Vector::Zero(20).eval(), 0, 0, kMany);
  EXPECT_EQ(asked, 9);
  EXPECT_LE(bracket.lower(), bracket.upper());
  EXPECT_LT(bracket.upper(), kInfinity);
}

}  // namespace
}  // namespace laggard::reference
