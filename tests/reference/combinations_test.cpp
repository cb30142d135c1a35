#include "core/io/error.hpp"
#include "core/problem/svmlight.hpp"
#include "core/problem/synthetic.hpp"
#include "core/reference/reference.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/small_problem.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <tuple>

namespace laggard {
namespace {

using Combination = std::tuple<std::string, std::string>;

// Every loss with every regulariser, on data with no structure and on more features than samples.
class EveryCombination : public testing::TestWithParam<Combination> {
 protected:
  void expect_solved(std::shared_ptr<const Dataset> data, bool separable) {
    const auto& [loss, regularizer] = GetParam();
    const Problem problem = make_problem(std::move(data), loss, regularizer);
    if (separable && loss == "logistic" &&
        (regularizer == "none" || regularizer == "nonnegative")) {
      EXPECT_THROW(solve_reference(problem, 1), Error);
      return;
    }
    const Reference reference = solve_reference(problem, 1);
    EXPECT_TRUE(reference.kkt <= kReferenceKkt || reference.duality_gap <= kReferenceDualityGap)
        << "kkt " << reference.kkt << ", duality gap " << reference.duality_gap;
    EXPECT_EQ(reference.objective, objective(problem, view(reference.x)));
    // Nothing near is better, and nor is 0 brought into the domain.
    std::mt19937_64 random(1);
    for (double scale : {0.0, 1e-4, 1e-2, 1.0}) {
      Vector x = scale == 0 ? Vector::Zero(reference.x.size())
                            : Vector(reference.x + draw_vector(random, reference.x.size(), scale));
      problem.regularizer->prox(view(x), 1e-9, view(x));
      EXPECT_GE(objective(problem, view(x)), reference.objective * (1 - 1e-12) - 1e-12);
    }
  }
};

TEST_P(EveryCombination, IsCertifiedWithMoreSamplesThanFeatures) {
  expect_solved(small_data(300, 20, 0.4, 1), false);
}

TEST_P(EveryCombination, IsCertifiedWithMoreFeaturesThanSamples) {
  expect_solved(small_data(25, 60, 0.4, 2), true);
}

INSTANTIATE_TEST_SUITE_P(
    All, EveryCombination,
    testing::Combine(testing::Values("logistic", "squared", "huber:0.5", "squared_hinge"),
                     testing::Values("none", "l1:0.3", "l2:0.3", "elastic_net:0.3,0.2",
                                     "box:-0.1,0.3", "nonnegative", "group_l2:0.5,3",
                                     "group_l2:0.5,7")),
    [](const auto& test) {
      return case_name("{}_{}", std::get<0>(test.param), std::get<1>(test.param));
    });

TEST(Reference, ManyFeaturesAreSolvedBySweeps) {
  const auto data = std::make_shared<Dataset>(
      make_synthetic(parse_synthetic("n=6000,d=2500,density=0.01,seed=2"), 1));
  for (const char* regularizer : {"l1:0.3", "l2:1", "group_l2:0.5,10"}) {
    const Reference reference = solve_reference(make_problem(data, "logistic", regularizer), 2);
    EXPECT_TRUE(reference.kkt <= kReferenceKkt) << regularizer;
  }
}

TEST(Reference, IsAPureFunctionOfTheProblem) {
  const auto data =
      std::make_shared<Dataset>(make_synthetic(parse_synthetic("n=20000,d=500,density=0.02"), 1));
  Problem problem = make_problem(data, "logistic", "l1:5");
  const Reference one = solve_reference(problem, 1);
  problem.shards = 9;
  const Reference two = solve_reference(problem, 2);
  EXPECT_EQ(one.objective, two.objective);
  EXPECT_EQ(one.x, two.x);
}

TEST(Reference, RegularizerBeyondTheThresholdGivesZero) {
  const auto data = small_data(100, 8, 0.5, 5);
  const Reference reference = solve_reference(make_problem(data, "logistic", "l1:1e6"), 1);
  EXPECT_EQ(reference.x, Vector::Zero(8));
  EXPECT_DOUBLE_EQ(reference.objective, 100 * std::log(2.0));
}

TEST(Reference, DataWithoutNonzerosIsSolved) {
  const Reference reference =
      solve_reference(make_problem(small_data(10, 3, 0, 1), "logistic", "none"), 1);
  EXPECT_DOUBLE_EQ(reference.objective, 10 * std::log(2.0));
}

TEST(Reference, SeparableDataWithoutRegularizerHasNoMinimiser) {
  ReadOptions options;
  options.classification = true;
  const auto data = std::make_shared<Dataset>(
      read_svmlight(std::filesystem::path(LAGGARD_DATA_DIR) / "mushrooms.svm.gz", options));
  using testing::AllOf, testing::HasSubstr;
  EXPECT_THAT(
      [&] { solve_reference(make_problem(data, "logistic", "none"), 2); },
      testing::ThrowsMessage<Error>(AllOf(HasSubstr("kkt"), HasSubstr("may have no minimiser"))));
}

TEST(Reference, InterruptionEndsTheSolve) {
  int asked = 0;
  const Problem problem = make_problem(small_data(100, 8, 0.5, 5), "logistic", "l1:0.1");
  EXPECT_THROW(solve_reference(problem, 1, [&] { return ++asked > 5; }), Error);
  EXPECT_EQ(asked, 6);
}

TEST(Reference, TellsItsCertificateAsItGoes) {
  const Problem problem = make_problem(small_data(100, 8, 0.5, 5), "logistic", "l1:0.1");
  std::vector<ReferenceProgress> told;
  const Reference found =
      solve_reference(problem, 1, {}, [&](const ReferenceProgress& now) { told.push_back(now); });
  ASSERT_GT(told.size(), 1u);
  for (std::size_t i = 1; i < told.size(); ++i) EXPECT_GT(told[i].passes, told[i - 1].passes);
  for (const ReferenceProgress& now : told) {
    EXPECT_GE(now.objective, found.objective * (1 - 1e-12));
    // A gap bounds what is still to lose.
    EXPECT_GE(now.duality_gap * std::max(1.0, now.objective),
              now.objective - found.objective - 1e-9);
  }
  EXPECT_LE(told.back().kkt, kReferenceKkt);
}

}  // namespace
}  // namespace laggard
