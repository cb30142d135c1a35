#include "core/problem/loss.hpp"

#include "core/io/error.hpp"
#include "core/io/option_spec.hpp"
#include "core/io/spec.hpp"
#include "core/problem/vector_ops.hpp"
#include "core/task/elementary.hpp"
#include "core/task/types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace laggard {
namespace {

constexpr std::array<std::string_view, 5> kLossSyntaxes = {"logistic", "squared", "huber:DELTA",
                                                           "squared_hinge", "hinge"};

// Each loss for one sample of margin m and label b. conjugate(w, b) = sup_m (w m - value(m, b)).

struct Logistic {
  static constexpr bool kClassification = true, kQuadratic = false;
  static constexpr double kCurvatureBound = 0.25;

  // e^-abs(t), for t that is not a number as well. Nothing overflows, and 0 is off by 1e-307 at
  // most.
  static double exp_of_margin(double t) {
    const double size = std::abs(t);
    return size > 708.0 ? 0.0 : elementary::exp_in_range(-size);
  }
  static double value(double m, double b) {
    const double t = b * m;
    return elementary::log1p_of_unit(exp_of_margin(t)) + std::max(0.0, -t);
  }
  static double derivative(double m, double b, double& first) {
    const double t = b * m;
    const double e = exp_of_margin(t);
    first = -b * ((t >= 0 ? e : 1.0) / (1.0 + e));
    return elementary::log1p_of_unit(e) + std::max(0.0, -t);
  }
  static double curvature(double m, double b) {
    const double e = exp_of_margin(b * m);
    return e / ((1.0 + e) * (1.0 + e));
  }
  static double conjugate(double w, double b) {
    const double p = -w * b;
    if (p < 0 || p > 1) return kInfinity;
    return (p > 0 ? p * elementary::log(p) : 0.0) + (p < 1 ? (1 - p) * elementary::log1p(-p) : 0.0);
  }
};

struct Squared {
  static constexpr bool kClassification = false, kQuadratic = true;
  static constexpr double kCurvatureBound = 1;

  static double value(double m, double b) { return 0.5 * (m - b) * (m - b); }
  static double derivative(double m, double b, double& first) {
    first = m - b;
    return value(m, b);
  }
  static double curvature(double, double) { return 1; }
  static double conjugate(double w, double b) { return w * (0.5 * w + b); }
};

struct Huber {
  static constexpr bool kClassification = false, kQuadratic = false;
  static constexpr double kCurvatureBound = 1;
  double delta;

  double value(double m, double b) const {
    const double r = std::abs(m - b);
    return r <= delta ? 0.5 * r * r : delta * (r - 0.5 * delta);
  }
  double derivative(double m, double b, double& first) const {
    first = std::clamp(m - b, -delta, delta);
    return value(m, b);
  }
  double curvature(double m, double b) const { return std::abs(m - b) <= delta ? 1 : 0; }
  double conjugate(double w, double b) const {
    return std::abs(w) <= delta ? w * (0.5 * w + b) : kInfinity;
  }
};

struct SquaredHinge {
  static constexpr bool kClassification = true, kQuadratic = false;
  static constexpr double kCurvatureBound = 1;

  static double value(double m, double b) {
    const double slack = std::max(0.0, 1 - b * m);
    return 0.5 * slack * slack;
  }
  static double derivative(double m, double b, double& first) {
    const double slack = std::max(0.0, 1 - b * m);
    first = -b * slack;
    return 0.5 * slack * slack;
  }
  static double curvature(double m, double b) { return b * m < 1 ? 1 : 0; }
  static double conjugate(double w, double b) {
    const double q = w * b;
    return q <= 0 ? q * (1 + 0.5 * q) : kInfinity;
  }
};

struct Hinge {
  static constexpr bool kClassification = true, kQuadratic = false;
  static constexpr double kCurvatureBound = kInfinity;

  static double value(double m, double b) { return std::max(0.0, 1 - b * m); }
  static double derivative(double m, double b, double& first) {
    const double slack = 1 - b * m;
    first = slack > 0 ? -b : 0.0;
    return std::max(0.0, slack);
  }
  static double curvature(double, double) { return 0; }
  static double conjugate(double w, double b) {
    const double q = w * b;
    return q >= -1 && q <= 0 ? q : kInfinity;
  }
};

// The interface on arrays over a loss on one sample, so that no call is virtual per sample.
template <class Pointwise>
class PointwiseLoss final : public Loss {
 public:
  PointwiseLoss(Pointwise pointwise, std::string spec)
      : pointwise_(pointwise), spec_(std::move(spec)) {}

  double value(std::span<const double> margin, std::span<const double> label) const override {
    const double *m = margin.data(), *b = label.data();
    return sum(margin.size(), [pointwise = pointwise_, m, b](std::size_t n)
                                  LAGGARD_INLINE { return pointwise.value(m[n], b[n]); });
  }
  double derivative(std::span<const double> margin, std::span<const double> label,
                    std::span<double> first) const override {
    const double *m = margin.data(), *b = label.data();
    double* w = first.data();
    return sum(margin.size(), [pointwise = pointwise_, m, b, w](std::size_t n) LAGGARD_INLINE {
      return pointwise.derivative(m[n], b[n], w[n]);
    });
  }
  void curvature(std::span<const double> margin, std::span<const double> label,
                 std::span<double> second) const override {
    const Pointwise pointwise = pointwise_;
    const double *m = margin.data(), *b = label.data();
    double* out = second.data();
    with_widest_vectors([pointwise, m, b, out, count = margin.size()]() LAGGARD_INLINE {
      for (std::size_t n = 0; n < count; ++n) out[n] = pointwise.curvature(m[n], b[n]);
    });
  }
  double conjugate(std::span<const double> dual, std::span<const double> label) const override {
    double sum = 0;
    for (std::size_t n = 0; n < dual.size(); ++n) sum += pointwise_.conjugate(dual[n], label[n]);
    return sum;
  }
  double curvature_bound() const override { return Pointwise::kCurvatureBound; }
  bool is_classification() const override { return Pointwise::kClassification; }
  bool is_quadratic() const override { return Pointwise::kQuadratic; }
  const std::string& spec() const override { return spec_; }

 private:
  // The sum of term(n) by detail::lane_sum's order. The terms of a block come first: a loop that
  // only fills an array vectorises, whatever is in it.
  template <class Term>
  static double sum(std::size_t count, const Term& term) {
    return with_widest_vectors([count, &term]() LAGGARD_INLINE {
      constexpr std::size_t kBlock = 8 * detail::kLanes;
      double block[kBlock], lane[detail::kLanes] = {};
      std::size_t n = 0;
      for (; n + kBlock <= count; n += kBlock) {
        for (std::size_t i = 0; i < kBlock; ++i) block[i] = term(n + i);
        for (std::size_t i = 0; i < kBlock; i += detail::kLanes)
          for (std::size_t l = 0; l < detail::kLanes; ++l) lane[l] += block[i + l];
      }
      for (std::size_t i = n; i < count; ++i) lane[(i - n) % detail::kLanes] += term(i);
      return detail::sum_of_lanes(lane);
    });
  }

  Pointwise pointwise_;
  std::string spec_;
};

template <class Pointwise>
std::unique_ptr<const Loss> wrap_loss(Pointwise pointwise, std::string spec) {
  return std::make_unique<PointwiseLoss<Pointwise>>(pointwise, std::move(spec));
}

}  // namespace

std::unique_ptr<const Loss> make_loss(std::string_view spec) {
  match_syntax("--loss", spec, kLossSyntaxes);
  const Spec parts = split_spec(spec);
  if (parts.name == "logistic") return wrap_loss(Logistic{}, "logistic");
  if (parts.name == "squared") return wrap_loss(Squared{}, "squared");
  if (parts.name == "squared_hinge") return wrap_loss(SquaredHinge{}, "squared_hinge");
  if (parts.name == "hinge") return wrap_loss(Hinge{}, "hinge");
  const double delta = parse_in({.min_excluded = true}, parts.arguments[0], "--loss huber:DELTA");
  return wrap_loss(Huber{delta}, fmt::format("huber:{}", delta));
}

}  // namespace laggard
