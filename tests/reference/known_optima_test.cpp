// Optima that others have computed, or that have a closed form.
#include "core/problem/svmlight.hpp"
#include "core/reference/reference.hpp"
#include "tests/support/small_problem.hpp"

#include <gtest/gtest.h>

#include <Eigen/Cholesky>
#include <Eigen/QR>

#include <filesystem>

namespace laggard {
namespace {

std::shared_ptr<const Dataset> bundled(const std::string& name, bool classification) {
  ReadOptions options;
  options.classification = classification;
  if (name == "rcv1_1500") options.features = 47236;
  const auto file = std::filesystem::path(LAGGARD_DATA_DIR) / (name + ".svm.gz");
  return std::make_shared<Dataset>(read_svmlight(file, options));
}

void expect_certified(const Reference& reference) {
  EXPECT_TRUE(reference.kkt <= kReferenceKkt || reference.duality_gap <= kReferenceDualityGap)
      << "kkt " << reference.kkt << ", duality gap " << reference.duality_gap;
}

struct Known {
  const char* data;
  double objective;
};

// LIBLINEAR 2.3.0 as Debian 12 has it, train -s 6 -c 1 -e 1e-12 -B -1 (L1-regularised logistic
// regression without an intercept); phi evaluated with correctly rounded sums at the model written.
constexpr Known kLiblinear[] = {{"heart", 102.66782752699845},
                                {"a9a", 10558.723370626636},
                                {"mushrooms", 82.17915929376177},
                                {"rcv1_1500", 795.9401673865316}};

class L1Logistic : public testing::TestWithParam<Known> {};

TEST_P(L1Logistic, AgreesWithLiblinear) {
  const Problem problem = make_problem(bundled(GetParam().data, true), "logistic", "l1:1");
  const Reference reference = solve_reference(problem, 2);
  expect_certified(reference);
  EXPECT_NEAR(reference.objective / GetParam().objective, 1, 1e-11);
  EXPECT_EQ(reference.objective, objective(problem, view(reference.x)));
}

INSTANTIATE_TEST_SUITE_P(Bundled, L1Logistic, testing::ValuesIn(kLiblinear),
                         [](const auto& tested) { return tested.param.data; });

TEST(L1LogisticAtOtherWeights, IsCertified) {
  for (const char* data : {"heart", "a9a", "mushrooms", "rcv1_1500"}) {
    const auto samples = bundled(data, true);
    for (const char* regularizer : {"l1:0.01", "l1:10"}) {
      SCOPED_TRACE(std::string(data) + " " + regularizer);
      const Problem problem = make_problem(samples, "logistic", regularizer);
      const Reference reference = solve_reference(problem, 2);
      expect_certified(reference);
      EXPECT_LE(kkt_residual(problem, view(reference.x)), 1e-8);
    }
  }
}

// Of 47,236 features 35,566 are in no sample: a box leaves them free, and F does not depend on
// them.
TEST(RcvInABox, NoFeatureWantsToMoveAndTheDualComesAsHigh) {
  const auto data = bundled("rcv1_1500", true);
  const Reference reference = solve_reference(make_problem(data, "logistic", "box:-1,1"), 2);
  expect_certified(reference);
  // By sums in the order of the samples, and with what the C library calls exp and log.
  const Csr& a = data->a;
  const std::span<const double> label = Rows{data.get(), 0, data->samples()}.labels();
  Vector gradient = Vector::Zero(reference.x.size());
  long double primal = 0, dual = 0;
  for (std::int64_t n = 0; n < a.rows(); ++n) {
    long double margin = 0;
    for (auto k = a.row_start[n]; k < a.row_start[n + 1]; ++k)
      margin += static_cast<long double>(a.value[k]) * reference.x[a.column[k]];
    const long double p = 1 / (1 + std::exp(label[n] * margin));  // of the other label
    primal += std::log1p(std::exp(-label[n] * margin));
    dual -= p * std::log(p) + (1 - p) * std::log1p(-p);
    for (auto k = a.row_start[n]; k < a.row_start[n + 1]; ++k)
      gradient[a.column[k]] -= static_cast<double>(label[n] * p * a.value[k]);
  }
  for (Eigen::Index j = 0; j < gradient.size(); ++j) {
    const double x = reference.x[j];
    ASSERT_LE(std::abs(x), 1) << j;
    EXPECT_TRUE(x == 1 || gradient[j] >= -1e-9) << j << ": " << gradient[j];
    EXPECT_TRUE(x == -1 || gradient[j] <= 1e-9) << j << ": " << gradient[j];
    dual -= std::abs(gradient[j]);  // the box's support function at -gradient
  }
  EXPECT_NEAR(reference.objective, static_cast<double>(primal), 1e-12 * reference.objective);
  EXPECT_NEAR(reference.objective, static_cast<double>(dual), 1e-10 * reference.objective);
}

class Communities : public testing::Test {
 protected:
  std::shared_ptr<const Dataset> data_ = bundled("communities", false);
  Eigen::MatrixXd a_ = dense({data_.get(), 0, data_->samples()});
  Vector b_ = labels_of(*data_);
};

TEST_F(Communities, RidgeIsTheSolutionOfTheNormalEquations) {
  const Eigen::MatrixXd normal =
      a_.transpose() * a_ + Eigen::MatrixXd::Identity(a_.cols(), a_.cols());
  const Vector x = normal.llt().solve(a_.transpose() * b_);
  const double expected = 0.5 * (a_ * x - b_).squaredNorm() + 0.5 * x.squaredNorm();
  const Reference reference = solve_reference(make_problem(data_, "squared", "l2:1"), 2);
  expect_certified(reference);
  EXPECT_NEAR(reference.objective / expected, 1, 1e-12);
  EXPECT_LE((reference.x - x).norm(), 1e-9 * x.norm());
}

TEST_F(Communities, LeastSquaresIsTheSolutionByAnOrthogonalDecomposition) {
  const Vector x = a_.completeOrthogonalDecomposition().solve(b_);
  const Reference reference = solve_reference(make_problem(data_, "squared", "none"), 2);
  expect_certified(reference);
  EXPECT_NEAR(reference.objective / (0.5 * (a_ * x - b_).squaredNorm()), 1, 1e-12);
}

TEST_F(Communities, LassoMeetsTheSubgradientConditionsAndHasNoDualityGap) {
  const Reference reference = solve_reference(make_problem(data_, "squared", "l1:1"), 2);
  expect_certified(reference);
  const Vector& x = reference.x;
  const Vector residual = a_ * x - b_, gradient = a_.transpose() * residual;
  for (Eigen::Index j = 0; j < x.size(); ++j) {
    if (x[j] == 0) {
      EXPECT_LE(std::abs(gradient[j]), 1 + 1e-9) << j;
    } else {
      EXPECT_NEAR(gradient[j], x[j] > 0 ? -1 : 1, 1e-9) << j;
    }
  }
  // D(w) = -norm(w)^2/2 - <w, b> over abs(A^T w) <= 1, at the scaled residual.
  const Vector w = residual / std::max(1.0, gradient.lpNorm<Eigen::Infinity>());
  const double primal = 0.5 * residual.squaredNorm() + x.lpNorm<1>();
  EXPECT_NEAR(reference.objective, primal, 1e-12 * primal);
  EXPECT_LE(primal + 0.5 * w.squaredNorm() + w.dot(b_), 1e-10 * primal);
}

}  // namespace
}  // namespace laggard
