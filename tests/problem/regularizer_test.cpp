#include "core/problem/regularizer.hpp"

#include "core/io/error.hpp"
#include "tests/support/small_problem.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>

namespace laggard {
namespace {

constexpr int kSize = 11;  // not a multiple of the group size 3
constexpr double kTolerance = 1e-12;

Vector prox(const Regularizer& h, const Vector& v, double t) {
  Vector out(v.size());
  h.prox(view(v), t, view(out));
  return out;
}

// Points with zeros and ties among them, of sizes on both sides of every threshold.
std::vector<Vector> samples() {
  std::mt19937_64 random(5);
  std::vector<Vector> all = {Vector::Zero(kSize), Vector::Constant(kSize, 0.35),
                             Vector::Constant(kSize, -0.7)};
  for (double scale : {0.01, 0.3, 1.0, 4.0, 100.0}) {
    all.push_back(draw_vector(random, kSize, scale));
    all.back()[2] = 0;
  }
  return all;
}

void expect_l1_subgradient(double lambda, double p, double s) {
  if (p == 0) {
    EXPECT_LE(std::abs(s), lambda + kTolerance);
  } else {
    EXPECT_NEAR(s, p > 0 ? lambda : -lambda, kTolerance * std::max(1.0, std::abs(s)) * 100);
  }
}

void expect_box_subgradient(double lo, double hi, double p, double s) {
  EXPECT_GE(p, lo);
  EXPECT_LE(p, hi);
  if (p > lo) {
    EXPECT_GE(s, 0);
  }
  if (p < hi) {
    EXPECT_LE(s, 0);
  }
}

void expect_group_subgradient(double lambda, int size, const Vector& p, const Vector& s) {
  for (int begin = 0; begin < p.size(); begin += size) {
    const auto n = std::min<Eigen::Index>(size, p.size() - begin);
    const Vector pg = p.segment(begin, n), sg = s.segment(begin, n);
    if (pg.norm() == 0) {
      EXPECT_LE(sg.norm(), lambda + kTolerance);
    } else {
      EXPECT_LE((sg - lambda * pg / pg.norm()).norm(), 1e-10);
    }
  }
}

// Fails unless s is a subgradient of h at p.
using SubgradientCheck = std::function<void(const Vector& p, const Vector& s)>;

template <class Check>
SubgradientCheck each(const Check& check) {
  return [check](const Vector& p, const Vector& s) {
    for (Eigen::Index j = 0; j < p.size(); ++j) check(p[j], s[j]);
  };
}

const std::map<std::string, SubgradientCheck> kChecks = {
    {"none", each([](double, double s) { EXPECT_EQ(s, 0); })},
    {"l1:0.4", each([](double p, double s) { expect_l1_subgradient(0.4, p, s); })},
    {"l1:0", each([](double, double s) { EXPECT_EQ(s, 0); })},
    {"l2:0.4", each([](double p, double s) { EXPECT_NEAR(s, 0.4 * p, 1e-11); })},
    {"elastic_net:0.4,1.5",
     each([](double p, double s) { expect_l1_subgradient(0.4, p, s - 1.5 * p); })},
    {"box:-0.2,0.5", each([](double p, double s) { expect_box_subgradient(-0.2, 0.5, p, s); })},
    {"box:-inf,0.5",
     each([](double p, double s) { expect_box_subgradient(-kInfinity, 0.5, p, s); })},
    {"nonnegative", each([](double p, double s) { expect_box_subgradient(0, kInfinity, p, s); })},
    {"group_l2:0.4,3",
     [](const Vector& p, const Vector& s) { expect_group_subgradient(0.4, 3, p, s); }},
    {"group_l2:0.4,100",
     [](const Vector& p, const Vector& s) { expect_group_subgradient(0.4, 100, p, s); }},
};

TEST(Regularizer, ProxMeetsItsOptimalityCondition) {
  for (const auto& [spec, check] : kChecks) {
    SCOPED_TRACE(spec);
    const auto h = make_regularizer(spec);
    for (const Vector& v : samples()) {
      for (double t : {0.1, 1.0, 7.0}) {
        const Vector p = prox(*h, v, t);
        check(p, (v - p) / t);
      }
    }
  }
}

TEST(Regularizer, ProxMayWriteOverItsInput) {
  for (const auto& [spec, check] : kChecks) {
    const auto h = make_regularizer(spec);
    for (const Vector& v : samples()) {
      Vector w = v;
      h->prox(view(w), 0.5, view(w));
      EXPECT_EQ(w, prox(*h, v, 0.5)) << spec;
    }
  }
}

// v = prox_{t h}(v) + t times the projection of v/t onto the ball of the dual norm.
TEST(Regularizer, ProxOfANormObeysMoreausIdentity) {
  const double lambda = 0.4;
  const auto l1 = make_regularizer("l1:0.4");
  const auto group = make_regularizer("group_l2:0.4,3");
  for (const Vector& v : samples()) {
    for (double t : {0.1, 1.0, 7.0}) {
      const Vector w = v / t;
      const Vector clipped = w.cwiseMax(-lambda).cwiseMin(lambda);
      EXPECT_LE((v - prox(*l1, v, t) - t * clipped).norm(), kTolerance * (1 + v.norm()));
      Vector projected = w;
      for (int begin = 0; begin < kSize; begin += 3) {
        auto g = projected.segment(begin, std::min(3, kSize - begin));
        if (g.norm() > lambda) g *= lambda / g.norm();
      }
      EXPECT_LE((v - prox(*group, v, t) - t * projected).norm(), kTolerance * (1 + v.norm()));
    }
  }
}

TEST(Regularizer, ValueHasTheFormulaOfItsName) {
  const Vector x = (Vector(4) << 3, -4, 0, 2).finished();
  const auto value = [&](const char* spec) { return make_regularizer(spec)->value(view(x)); };
  EXPECT_EQ(value("none"), 0);
  EXPECT_DOUBLE_EQ(value("l1:0.5"), 4.5);
  EXPECT_DOUBLE_EQ(value("l2:0.5"), 0.25 * 29);
  EXPECT_DOUBLE_EQ(value("elastic_net:0.5,2"), 4.5 + 29);
  EXPECT_EQ(value("box:-4,3"), 0);
  EXPECT_EQ(value("box:-3.9,3"), kInfinity);
  EXPECT_EQ(value("nonnegative"), kInfinity);
  EXPECT_DOUBLE_EQ(value("group_l2:0.5,2"), 0.5 * (5 + 2));
  EXPECT_DOUBLE_EQ(value("group_l2:0.5,3"), 0.5 * (5 + 2));
}

TEST(Regularizer, SmoothPieceHasTheDerivativesOfTheValue) {
  constexpr double kStep = 1e-5;
  std::mt19937_64 random(6);
  for (const auto& [spec, check] : kChecks) {
    const auto h = make_regularizer(spec);
    Vector x = prox(*h, draw_vector(random, kSize, 2), 0.1);
    std::vector<int> free;
    h->free_coordinates(view(x), free);
    Vector along = Vector::Zero(kSize);
    for (int j : free) along[j] = draw(random);
    Vector slope = Vector::Zero(kSize), bend = slope, slope_above = slope, slope_below = slope;
    const Vector above = x + kStep * along, below = x - kStep * along;
    h->add_gradient(view(x), view(slope));
    h->add_gradient(view(above), view(slope_above));
    h->add_gradient(view(below), view(slope_below));
    h->add_hessian_product(view(x), view(along), view(bend));
    EXPECT_NEAR(slope.dot(along), (h->value(view(above)) - h->value(view(below))) / (2 * kStep),
                1e-8)
        << spec;
    EXPECT_LE((bend - (slope_above - slope_below) / (2 * kStep)).norm(), 1e-8) << spec;
  }
}

TEST(Regularizer, StaysOnThePieceItCameFrom) {
  const auto moved = [](const char* spec, Vector from, Vector x) {
    make_regularizer(spec)->stay_on_piece(view(std::as_const(from)), view(x));
    return x;
  };
  const auto three = [](double a, double b, double c) { return Vector(Eigen::Vector3d(a, b, c)); };
  EXPECT_EQ(moved("l1:1", three(1, -1, 2), three(-3, -2, 1)), three(0, -2, 1));
  EXPECT_EQ(moved("l1:0", three(1, -1, 2), three(-3, -2, 1)), three(-3, -2, 1));
  EXPECT_EQ(moved("l2:1", three(1, -1, 2), three(-3, -2, 1)), three(-3, -2, 1));
  EXPECT_EQ(moved("box:-1,1", three(0, 0, 0), three(-3, 0.5, 2)), three(-1, 0.5, 1));
  EXPECT_EQ(moved("group_l2:1,2", three(1, 1, 2), three(-3, 1, 1)), three(0, 0, 1));
}

TEST(Regularizer, ConjugateMeetsTheFenchelInequalityWithEqualityAtASubgradient) {
  for (const auto& [spec, check] : kChecks) {
    const auto h = make_regularizer(spec);
    for (const Vector& v : samples()) {
      const Vector p = prox(*h, v, 1);
      Vector y = v - p;
      EXPECT_GE(h->dual_scale(view(y)), spec == "none" ? 1.0 : 1 - 1e-12) << spec;
      EXPECT_NEAR(h->conjugate(view(y)) + h->value(view(p)), y.dot(p),
                  1e-10 * (1 + v.squaredNorm()))
          << spec;
      for (const Vector& x : samples()) {
        const Vector inside = prox(*h, x, 1e-3);
        EXPECT_GE(h->conjugate(view(y)) + h->value(view(inside)), y.dot(inside) - 1e-9) << spec;
      }
    }
  }
}

TEST(Regularizer, OnlySmoothOnesHaveACurvature) {
  EXPECT_EQ(make_regularizer("none")->smooth_curvature(), 0);
  EXPECT_EQ(make_regularizer("l2:3")->smooth_curvature(), 3);
  for (const char* spec : {"l1:1", "elastic_net:1,2", "box:-1,1", "nonnegative", "group_l2:1,2"}) {
    EXPECT_EQ(make_regularizer(spec)->smooth_curvature(), std::nullopt) << spec;
  }
}

TEST(Regularizer, SpecIsCanonicalAndReadsBack) {
  for (const auto& [spec, check] : kChecks) EXPECT_EQ(make_regularizer(spec)->spec(), spec);
  EXPECT_EQ(make_regularizer("l1:1.0")->spec(), "l1:1");
  EXPECT_EQ(make_regularizer("elastic_net:1.0,0.50")->spec(), "elastic_net:1,0.5");
  EXPECT_EQ(make_regularizer("box:-inf,inf")->spec(), "box:-inf,inf");
}

TEST(Regularizer, ScaledIsSoManyTimesAsLarge) {
  const std::vector<double> x = {1.5, -2, 0, 4, -0.25};
  for (const char* spec :
       {"l1:3", "l2:0.5", "elastic_net:2,7", "elastic_net:0,7", "group_l2:5,2"}) {
    const auto h = make_regularizer(spec);
    const auto larger = scaled(*h, 8);  // a power of two: nothing is rounded
    ASSERT_TRUE(larger) << spec;
    EXPECT_EQ(larger->value(x), 8 * h->value(x)) << larger->spec();
  }
  EXPECT_EQ(scaled(*make_regularizer("group_l2:5,2"), 0.1)->spec(), "group_l2:0.5,2");
  for (const char* spec :
       {"none", "l1:0", "l2:0", "elastic_net:0,0", "group_l2:0,3", "box:0,1", "nonnegative"})
    EXPECT_EQ(scaled(*make_regularizer(spec), 2), nullptr) << spec;
}

TEST(Regularizer, UnknownNameOffersTheNearestAndListsAll) {
  using testing::AllOf, testing::HasSubstr, testing::ThrowsMessage;
  EXPECT_THAT([] { make_regularizer("elasticnet:1,2"); },
              ThrowsMessage<Error>(AllOf(HasSubstr("--regularizer elasticnet:1,2"),
                                         HasSubstr("did you mean elastic_net:LAMBDA1,LAMBDA2?"),
                                         HasSubstr("group_l2:LAMBDA,SIZE"))));
}

TEST(Regularizer, MalformedSpecIsAnError) {
  for (const char* spec :
       {"", "l1", "l1:", "l1:-1", "l1:nan", "l1:inf", "l1:1,2", "none:1", "box:1", "box:2,1",
        "box:nan,1", "box:inf,inf", "group_l2:1", "group_l2:1,0", "group_l2:1,1.5", "elastic_net:1",
        "elastic_net:1,-1", "nonnegative:1"}) {
    EXPECT_THROW(make_regularizer(spec), Error) << spec;
  }
}

}  // namespace
}  // namespace laggard
