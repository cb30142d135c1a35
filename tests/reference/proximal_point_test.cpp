// Proximal points find the optimum from where the solver has hardly begun: by the conditions of
// optimality, with gradients from the definitions of [math 1].
#include "core/reference/proximal_point.hpp"

#include "core/problem/svmlight.hpp"
#include "core/reference/certificate.hpp"
#include "core/reference/reference.hpp"
#include "core/reference/solver.hpp"
#include "tests/support/case_name.hpp"
#include "tests/support/small_problem.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <tuple>

namespace laggard::reference {
namespace {

double slope_of_loss(const std::string& loss, long double margin, double label) {
  const auto residual = static_cast<double>(margin - label);
  if (loss == "squared") return residual;
  if (loss == "huber:0.5") return std::min(std::max(residual, -0.5), 0.5);
  if (loss == "squared_hinge") return label * margin < 1 ? residual : 0;
  return static_cast<double>(-label / (1 + std::exp(label * margin)));
}

// Of F, by sums in the order of the samples.
Vector gradient_by_definition(const Dataset& data, const std::string& loss, const Vector& x) {
  const Csr& a = data.a;
  std::vector<long double> sum(static_cast<std::size_t>(a.columns), 0);
  for (std::int64_t n = 0; n < a.rows(); ++n) {
    long double margin = 0;
    for (auto k = a.row_start[n]; k < a.row_start[n + 1]; ++k)
      margin += static_cast<long double>(a.value[k]) * x[a.column[k]];
    const double weight = slope_of_loss(loss, margin, data.label[n]);
    for (auto k = a.row_start[n]; k < a.row_start[n + 1]; ++k)
      sum[a.column[k]] += static_cast<long double>(weight) * a.value[k];
  }
  Vector gradient(a.columns);
  for (Eigen::Index j = 0; j < gradient.size(); ++j) gradient[j] = static_cast<double>(sum[j]);
  return gradient;
}

void expect_no_descent_in_box(const Vector& x, const Vector& gradient, double lo, double hi,
                              double room) {
  for (Eigen::Index j = 0; j < x.size(); ++j) {
    ASSERT_TRUE(lo <= x[j] && x[j] <= hi) << j << ": " << x[j];
    EXPECT_TRUE(x[j] == hi || gradient[j] >= -room) << j << ": " << gradient[j];
    EXPECT_TRUE(x[j] == lo || gradient[j] <= room) << j << ": " << gradient[j];
  }
}

void expect_no_descent_of_l1(const Vector& x, const Vector& gradient, double l1, double room) {
  for (Eigen::Index j = 0; j < x.size(); ++j) {
    if (x[j] == 0) {
      EXPECT_LE(std::abs(gradient[j]), l1 + room) << j;
    } else {
      EXPECT_NEAR(gradient[j], x[j] > 0 ? -l1 : l1, room) << j;
    }
  }
}

void expect_no_descent_of_groups(const Vector& x, const Vector& gradient, double l2, int size,
                                 double room) {
  for (Eigen::Index j = 0; j < x.size(); j += size) {
    const Eigen::Index n = std::min<Eigen::Index>(size, x.size() - j);
    const double length = x.segment(j, n).norm();
    if (length == 0) {
      EXPECT_LE(gradient.segment(j, n).norm(), l2 + room) << j;
    } else {
      EXPECT_LE((gradient.segment(j, n) + l2 / length * x.segment(j, n)).norm(), room) << j;
    }
  }
}

void expect_no_descent(const std::string& regularizer, const Vector& x, const Vector& gradient,
                       double room) {
  if (regularizer == "nonnegative")
    return expect_no_descent_in_box(x, gradient, 0, kInfinity, room);
  if (regularizer == "box:-0.1,0.3") return expect_no_descent_in_box(x, gradient, -0.1, 0.3, room);
  if (regularizer == "box:-1,1") return expect_no_descent_in_box(x, gradient, -1, 1, room);
  if (regularizer == "l1:0.3") return expect_no_descent_of_l1(x, gradient, 0.3, room);
  if (regularizer == "group_l2:0.5,3")
    return expect_no_descent_of_groups(x, gradient, 0.5, 3, room);
  FAIL() << "conditions of " << regularizer;
}

// Proximal points from where the solver is after `rounds` until kkt <= 1e-10, or 60 of them.
Point by_proximal_points(const Problem& problem, int rounds) {
  SmoothPart smooth(problem, 2, {});
  Solver solver(smooth);
  Vector start = Vector::Zero(problem.features());
  problem.regularizer->prox(view(start), 1.0, view(start));
  solver.start(smooth.at(std::move(start)), 30);
  for (int i = 0; i < rounds; ++i) solver.advance();
  ProximalPoint proximal(smooth, solver.point());
  for (int i = 0; i < 60 && kkt(smooth, proximal.point()) > kReferenceKkt; ++i) proximal.advance();
  EXPECT_LE(kkt(smooth, proximal.point()), kReferenceKkt);
  return proximal.point();
}

using Pair = std::tuple<std::string, std::string>;

class ProximalPointsOf : public testing::TestWithParam<Pair> {
 protected:
  static void expect_optimal(const std::shared_ptr<const Dataset>& data) {
    const auto& [loss, regularizer] = GetParam();
    const Vector x = by_proximal_points(make_problem(data, loss, regularizer), 1).x;
    expect_no_descent(regularizer, x, gradient_by_definition(*data, loss, x), 1e-8);
  }
};

TEST_P(ProximalPointsOf, FindTheOptimumWithMoreSamplesThanFeatures) {
  expect_optimal(small_data(300, 20, 0.4, 1));
}

TEST_P(ProximalPointsOf, FindTheOptimumWithMoreFeaturesThanSamples) {
  expect_optimal(small_data(25, 60, 0.4, 2));
}

INSTANTIATE_TEST_SUITE_P(All, ProximalPointsOf,
                         testing::Combine(testing::Values("logistic", "squared", "huber:0.5",
                                                          "squared_hinge"),
                                          testing::Values("l1:0.3", "box:-0.1,0.3", "box:-1,1",
                                                          "nonnegative", "group_l2:0.5,3")),
                         [](const auto& test) {
                           return case_name("{}_{}", std::get<0>(test.param),
                                            std::get<1>(test.param));
                         });

// Three samples have a loss at the optimum, and dozens lie at the edge of the hinge, so that steps
// along a piece of phi are short.
TEST(ProximalPoints, EndWhereDozensOfSamplesLieAtTheEdge) {
  ReadOptions options;
  options.classification = true;
  const auto file = std::filesystem::path(LAGGARD_DATA_DIR) / "rcv1_1500.svm.gz";
  const auto data = std::make_shared<Dataset>(read_svmlight(file, options));
  const Problem problem = make_problem(data, "squared_hinge", "box:-1,1");
  const Point point = by_proximal_points(problem, 6);
  const Vector gradient = gradient_by_definition(*data, "squared_hinge", point.x);
  expect_no_descent("box:-1,1", point.x, gradient, 1e-8);
  // The dual: sum of l - l^2/2 minus the box's support function, at the losses' slopes l.
  const Csr& a = data->a;
  long double primal = 0, dual = 0;
  int with_loss = 0, at_edge = 0;
  for (std::int64_t n = 0; n < a.rows(); ++n) {
    long double margin = 0;
    for (auto k = a.row_start[n]; k < a.row_start[n + 1]; ++k)
      margin += static_cast<long double>(a.value[k]) * point.x[a.column[k]];
    const long double slack = 1 - data->label[n] * margin, l = std::max(slack, 0.0L);
    primal += l * l / 2;
    dual += l - l * l / 2;
    with_loss += l > 1e-6;
    at_edge += std::abs(slack) < 1e-9;
  }
  for (const double slope : gradient) dual -= std::abs(slope);
  EXPECT_NEAR(point.objective(), static_cast<double>(primal), 1e-14);
  EXPECT_LE(static_cast<double>(primal - dual), 1e-7);
  EXPECT_EQ(with_loss, 3);
  EXPECT_GE(at_edge, 50);
}

}  // namespace
}  // namespace laggard::reference
