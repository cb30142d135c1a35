#include "core/problem/kernel.hpp"

#include "tests/support/case_name.hpp"
#include "tests/support/small_problem.hpp"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>

#include <limits>

namespace laggard {
namespace {

constexpr double kTolerance = 1e-13;  // sums of at most 40 terms near 1

class Kernel : public testing::TestWithParam<double> {
 protected:
  std::shared_ptr<Dataset> data_ = small_data(40, 23, GetParam(), 3);
  Rows rows_{data_.get(), 7, 31};  // not from the first row on
  Eigen::MatrixXd a_ = dense(rows_);
  std::mt19937_64 random_{4};
  Vector x_ = draw_vector(random_, 23);
  Vector weight_ = draw_vector(random_, 24);
  Vector curvature_ = draw_vector(random_, 24).cwiseAbs();
};

TEST_P(Kernel, MarginsAreTheMatrixTimesX) {
  Vector margin(24);
  kernel::margins(rows_, view(x_), view(margin));
  EXPECT_LE((margin - a_ * x_).norm(), kTolerance);
}

TEST_P(Kernel, AddTransposedAddsTheTransposedTimesTheWeights) {
  Vector out = x_;
  kernel::add_transposed(rows_, view(weight_), view(out));
  EXPECT_LE((out - x_ - a_.transpose() * weight_).norm(), kTolerance);
}

// To the bit: a batch that is a whole shard is swept as the shard is.
TEST_P(Kernel, SomeRowsAreSweptAsInASweepOfAll) {
  const std::vector<std::uint32_t> which = {0, 3, 4, 9, 10, 11, 17, 20, 22, 23};
  Vector all(24), margin(10), some = Vector::Zero(24), weight(10);
  kernel::margins(rows_, view(x_), view(all));
  kernel::margins_of(rows_, which, view(x_), view(margin));
  for (std::size_t i = 0; i < which.size(); ++i) {
    const auto place = static_cast<Eigen::Index>(i);
    EXPECT_EQ(margin[place], all[which[i]]);
    weight[place] = some[which[i]] = weight_[which[i]];
  }
  Vector out = x_, expected = x_;
  kernel::add_transposed_of(rows_, which, view(weight), view(out));
  kernel::add_transposed(rows_, view(some), view(expected));
  EXPECT_EQ(out, expected);
}

// K x d as kernel::nearest takes them.
struct CentresOfKernel {
  explicit CentresOfKernel(const Eigen::MatrixXd& c)
      : stride(static_cast<std::size_t>((c.rows() + 7) / 8 * 8)),
        table(stride * static_cast<std::size_t>(c.cols()), 0),
        offset(stride, std::numeric_limits<double>::infinity()) {
    for (Eigen::Index k = 0; k < c.rows(); ++k) {
      offset[static_cast<std::size_t>(k)] = c.row(k).squaredNorm();
      for (Eigen::Index j = 0; j < c.cols(); ++j)
        table[static_cast<std::size_t>(j) * stride + static_cast<std::size_t>(k)] = c(k, j);
    }
  }
  std::size_t stride;
  std::vector<double> table, offset;
};

TEST_P(Kernel, NearestIsTheCentreAtTheLeastDistance) {
  for (const int clusters : {1, 2, 7, 8, 9, 16, 21}) {
    Eigen::MatrixXd c(clusters, 23);
    for (double& entry : c.reshaped()) entry = draw(random_);
    const CentresOfKernel centres(c);
    std::vector<std::uint32_t> which(24);
    std::vector<double> squared(24);
    kernel::nearest(rows_, centres.table, centres.offset, which, squared);
    for (int n = 0; n < 24; ++n) {
      const Vector distances = (c.rowwise() - a_.row(n)).rowwise().squaredNorm();
      Eigen::Index expected = 0;
      EXPECT_NEAR(squared[static_cast<std::size_t>(n)], distances.minCoeff(&expected), 1e-12);
      EXPECT_EQ(which[static_cast<std::size_t>(n)], expected) << clusters << " centres, row " << n;
    }
  }
}

TEST_P(Kernel, OfEquallyNearCentresTheFirstCounts) {
  Eigen::MatrixXd c(20, 23);
  for (double& entry : c.reshaped()) entry = draw(random_);
  for (const int twin : {4, 9, 10, 13, 18}) c.row(twin) = c.row(1);
  const CentresOfKernel centres(c);
  std::vector<std::uint32_t> which(24);
  std::vector<double> squared(24);
  kernel::nearest(rows_, centres.table, centres.offset, which, squared);
  for (const std::uint32_t k : which)
    EXPECT_TRUE(k != 4 && k != 9 && k != 10 && k != 13 && k != 18) << k;
}

TEST_P(Kernel, RowsAreAddedToTheirGroups) {
  std::vector<std::uint32_t> group(24);
  Eigen::MatrixXd expected = Eigen::MatrixXd::Ones(5, 23);
  for (std::uint32_t n = 0; n < 24; ++n) {
    group[n] = n * n % 5;
    expected.row(group[n]) += a_.row(n);
  }
  std::vector<double> sums(5 * 23, 1);
  kernel::add_to_groups(rows_, group, sums);
  for (Eigen::Index g = 0; g < 5; ++g)
    for (Eigen::Index j = 0; j < 23; ++j)
      EXPECT_NEAR(sums[static_cast<std::size_t>(g * 23 + j)], expected(g, j), kTolerance);
}

TEST_P(Kernel, HessianProductIsThatOfTheFullMatrix) {
  Vector out = x_, image(24);
  kernel::add_hessian_product(rows_, view(curvature_), view(x_), view(image), view(out));
  EXPECT_LE((image - a_ * x_).norm(), kTolerance);
  EXPECT_LE((out - x_ - a_.transpose() * curvature_.asDiagonal() * a_ * x_).norm(), kTolerance);
}

TEST_P(Kernel, HessianDiagonalIsThatOfTheFullMatrix) {
  const Eigen::MatrixXd hessian = a_.transpose() * curvature_.asDiagonal() * a_;
  Vector out = Vector::Zero(23);
  kernel::add_hessian_diagonal(rows_, view(curvature_), view(out));
  EXPECT_LE((out - hessian.diagonal()).norm(), kTolerance);
}

TEST_P(Kernel, HessianOverSomeColumnsIsThatOfTheFullMatrix) {
  const Eigen::MatrixXd hessian = a_.transpose() * curvature_.asDiagonal() * a_;
  const std::vector<int> kept = {0, 3, 4, 11, 22};
  std::vector<int> position(23, -1);
  for (int i = 0; i < 5; ++i) position[kept[i]] = i;
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(5, 5);
  kernel::add_hessian(rows_, view(curvature_), position, out);
  const Eigen::MatrixXd expected = hessian(kept, kept);
  EXPECT_LE((out - Eigen::MatrixXd(expected.triangularView<Eigen::Lower>())).norm(), kTolerance);
}

TEST_P(Kernel, SquaredNormEstimateIsAFewPercentAboveTheLargestEigenvalue) {
  const double exact =
      Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(a_.transpose() * a_).eigenvalues().maxCoeff();
  const double estimate = kernel::squared_norm_estimate(rows_);
  EXPECT_GE(estimate, 0.95 * exact);
  EXPECT_LE(estimate, 1.0501 * exact);
  EXPECT_EQ(estimate, kernel::squared_norm_estimate(rows_));
}

INSTANTIATE_TEST_SUITE_P(Densities, Kernel, testing::Values(0.05, 0.4, 1.0),
                         [](const auto& test) { return case_name("{}", test.param); });

TEST(KernelOfNothing, EmptyShardHasNormZero) {
  const auto data = small_data(10, 5, 0.5, 1);
  EXPECT_EQ(kernel::squared_norm_estimate({data.get(), 4, 4}), 0);
  const auto blank = small_data(10, 5, 0, 1);
  EXPECT_EQ(kernel::squared_norm_estimate({blank.get(), 0, 10}), 0);
}

}  // namespace
}  // namespace laggard
