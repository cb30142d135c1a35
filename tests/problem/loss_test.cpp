#include "core/problem/loss.hpp"

#include "core/io/error.hpp"
#include "core/task/types.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

namespace laggard {
namespace {

constexpr std::array<const char*, 6> kLosses = {"logistic",  "squared",       "huber:1",
                                                "huber:0.3", "squared_hinge", "hinge"};

double value_at(const Loss& loss, double m, double b) {
  return loss.value(std::array{m}, std::array{b});
}
double first_at(const Loss& loss, double m, double b) {
  std::array<double, 1> out;
  loss.derivative(std::array{m}, std::array{b}, out);
  return out[0];
}
double second_at(const Loss& loss, double m, double b) {
  std::array<double, 1> out;
  loss.curvature(std::array{m}, std::array{b}, out);
  return out[0];
}

// Off the kinks of every loss above, with room for a finite difference.
const std::vector<double> kMargins = {-7.3, -2.1, -0.9, -0.05, 0.11, 0.63, 1.55, 4.2};

TEST(Loss, LogisticIsExactWhereExpOverflowsOrUnderflows) {
  const auto loss = make_loss("logistic");
  EXPECT_EQ(value_at(*loss, -800, 1), 800);
  EXPECT_EQ(value_at(*loss, 800, -1), 800);
  EXPECT_EQ(value_at(*loss, 800, 1), 0);
  EXPECT_EQ(first_at(*loss, -800, 1), -1);
  EXPECT_EQ(first_at(*loss, 800, -1), 1);
  EXPECT_EQ(first_at(*loss, 800, 1), 0);
  EXPECT_EQ(second_at(*loss, 800, 1), 0);
  EXPECT_EQ(second_at(*loss, -800, 1), 0);
  EXPECT_DOUBLE_EQ(value_at(*loss, 0, 1), std::log(2.0));
}

TEST(Loss, LogisticKeepsItsRelativeAccuracyInTheTail) {
  const auto loss = make_loss("logistic");
  EXPECT_DOUBLE_EQ(value_at(*loss, 50, 1), std::exp(-50.0));
  EXPECT_DOUBLE_EQ(first_at(*loss, -50, -1), std::exp(-50.0));
}

TEST(Loss, IsFiniteForLargeMargins) {
  for (const char* spec : kLosses) {
    const auto loss = make_loss(spec);
    for (double m : {-1e3, 1e3}) {
      for (double b : {-1.0, 1.0}) {
        EXPECT_TRUE(std::isfinite(value_at(*loss, m, b))) << spec;
        EXPECT_TRUE(std::isfinite(first_at(*loss, m, b))) << spec;
        EXPECT_TRUE(std::isfinite(second_at(*loss, m, b))) << spec;
      }
    }
  }
}

TEST(Loss, HasTheFormulaOfItsName) {
  const auto squared = make_loss("squared");
  EXPECT_DOUBLE_EQ(value_at(*squared, 3, 1), 2);
  const auto huber = make_loss("huber:0.5");
  EXPECT_DOUBLE_EQ(value_at(*huber, 1.25, 1), 0.5 * 0.25 * 0.25);
  EXPECT_DOUBLE_EQ(value_at(*huber, -2, 1), 0.5 * 3 - 0.125);
  const auto hinge = make_loss("squared_hinge");
  EXPECT_DOUBLE_EQ(value_at(*hinge, -1, 1), 2);
  EXPECT_EQ(value_at(*hinge, 2, 1), 0);
}

TEST(Loss, HingeIsFlatFromItsKinkOnAndHasNoCurvatureBound) {
  const auto hinge = make_loss("hinge");
  EXPECT_EQ(value_at(*hinge, -1, 1), 2);
  EXPECT_EQ(value_at(*hinge, -1, -1), 0);
  EXPECT_EQ(first_at(*hinge, 1, 1), 0);  // the kink itself
  EXPECT_EQ(first_at(*hinge, -1, -1), 0);
  EXPECT_EQ(first_at(*hinge, 0.999, 1), -1);
  EXPECT_EQ(first_at(*hinge, -0.999, -1), 1);
  EXPECT_FALSE(hinge->is_smooth());
  EXPECT_TRUE(make_loss("squared_hinge")->is_smooth());
  EXPECT_EQ(hinge->conjugate(std::array{-0.5}, std::array{1.0}), -0.5);
  EXPECT_EQ(hinge->conjugate(std::array{0.5}, std::array{1.0}), kInfinity);
  EXPECT_EQ(hinge->conjugate(std::array{-1.5}, std::array{1.0}), kInfinity);
}

TEST(Loss, DerivativesAreThoseOfTheValue) {
  constexpr double kStep = 1e-5;  // truncation and cancellation both near 1e-10
  for (const char* spec : kLosses) {
    const auto loss = make_loss(spec);
    for (double m : kMargins) {
      for (double b : {-1.0, 1.0}) {
        const double slope =
            (value_at(*loss, m + kStep, b) - value_at(*loss, m - kStep, b)) / (2 * kStep);
        const double bend =
            (first_at(*loss, m + kStep, b) - first_at(*loss, m - kStep, b)) / (2 * kStep);
        EXPECT_NEAR(first_at(*loss, m, b), slope, 1e-8) << spec << " at " << m << ", " << b;
        EXPECT_NEAR(second_at(*loss, m, b), bend, 1e-8) << spec << " at " << m << ", " << b;
        EXPECT_LE(second_at(*loss, m, b), loss->curvature_bound()) << spec;
      }
    }
  }
}

TEST(Loss, DerivativeReturnsTheValue) {
  const std::vector<double> label(kMargins.size(), -1.0);
  for (const char* spec : kLosses) {
    const auto loss = make_loss(spec);
    std::vector<double> first(kMargins.size());
    EXPECT_EQ(loss->derivative(kMargins, label, first), loss->value(kMargins, label)) << spec;
  }
}

TEST(Loss, ConjugateMeetsTheFenchelInequalityWithEqualityAtTheDerivative) {
  for (const char* spec : kLosses) {
    const auto loss = make_loss(spec);
    for (double m : kMargins) {
      for (double b : {-1.0, 1.0}) {
        for (double other : kMargins) {
          const double w = first_at(*loss, other, b);
          const double sum = value_at(*loss, m, b) + loss->conjugate(std::array{w}, std::array{b});
          EXPECT_GE(sum, w * m - 1e-12) << spec;
          if (other == m) {
            EXPECT_NEAR(sum, w * m, 1e-12) << spec;
          }
        }
      }
    }
  }
}

TEST(Loss, SpecIsCanonicalAndReadsBack) {
  for (const char* spec : kLosses) EXPECT_EQ(make_loss(spec)->spec(), spec);
  EXPECT_EQ(make_loss("huber:1.0")->spec(), "huber:1");
  EXPECT_EQ(make_loss("huber:0.10")->spec(), "huber:0.1");
}

TEST(Loss, KnowsWhatItIsFor) {
  EXPECT_TRUE(make_loss("logistic")->is_classification());
  EXPECT_TRUE(make_loss("squared_hinge")->is_classification());
  EXPECT_FALSE(make_loss("huber:1")->is_classification());
  EXPECT_TRUE(make_loss("squared")->is_quadratic());
  EXPECT_FALSE(make_loss("logistic")->is_quadratic());
}

TEST(Loss, UnknownNameOffersTheNearestAndListsAll) {
  using testing::AllOf, testing::HasSubstr, testing::ThrowsMessage;
  EXPECT_THAT(
      [] { make_loss("logistc"); },
      ThrowsMessage<Error>(AllOf(HasSubstr("--loss logistc"), HasSubstr("did you mean logistic?"),
                                 HasSubstr("huber:DELTA"), HasSubstr("squared_hinge"))));
}

TEST(Loss, MalformedSpecIsAnError) {
  for (const char* spec : {"", "huber", "huber:", "huber:0", "huber:-1", "huber:nan", "huber:inf",
                           "huber:1,2", "huber:1x", "logistic:1", "Logistic"}) {
    EXPECT_THROW(make_loss(spec), Error) << spec;
  }
  using testing::ThrowsMessage;
  for (const char* delta : {"0", "-1"})
    EXPECT_THAT([&] { make_loss(std::string("huber:") + delta); },
                ThrowsMessage<Error>(std::string("--loss huber:DELTA: ") + delta +
                                     " is out of range; expected a number > 0"));
}

}  // namespace
}  // namespace laggard
