#include "core/problem/loss.hpp"

#include "core/io/error.hpp"
#include "core/io/parse.hpp"
#include "core/io/spec.hpp"
#include "core/task/types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace laggard {
namespace {

constexpr std::array<std::string_view, 4> kLossSyntaxes = {"logistic", "squared", "huber:DELTA",
                                                           "squared_hinge"};

// Each loss for one sample of margin m and label b. conjugate(w, b) = sup_m (w m - value(m, b)).

struct Logistic {
  static constexpr bool kClassification = true, kQuadratic = false;
  static constexpr double kCurvatureBound = 0.25;

  // exp is only ever taken of what is not positive: nothing overflows, and where it underflows
  // the result is exact.
  static double value(double m, double b) {
    const double t = b * m;
    return std::log1p(std::exp(-std::abs(t))) + std::max(0.0, -t);
  }
  static double derivative(double m, double b, double& first) {
    const double t = b * m;
    const double e = std::exp(-std::abs(t));
    first = -b * ((t >= 0 ? e : 1.0) / (1.0 + e));
    return std::log1p(e) + std::max(0.0, -t);
  }
  static double curvature(double m, double b) {
    const double e = std::exp(-std::abs(b * m));
    return e / ((1.0 + e) * (1.0 + e));
  }
  static double conjugate(double w, double b) {
    const double p = -w * b;
    if (p < 0 || p > 1) return kInfinity;
    return (p > 0 ? p * std::log(p) : 0.0) + (p < 1 ? (1 - p) * std::log1p(-p) : 0.0);
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

// The interface on arrays over a loss on one sample, so that no call is virtual per sample.
template <class Pointwise>
class PointwiseLoss final : public Loss {
 public:
  PointwiseLoss(Pointwise pointwise, std::string spec)
      : pointwise_(pointwise), spec_(std::move(spec)) {}

  double value(std::span<const double> margin, std::span<const double> label) const override {
    double sum = 0;
    for (std::size_t n = 0; n < margin.size(); ++n) sum += pointwise_.value(margin[n], label[n]);
    return sum;
  }
  double derivative(std::span<const double> margin, std::span<const double> label,
                    std::span<double> first) const override {
    double sum = 0;
    for (std::size_t n = 0; n < margin.size(); ++n) {
      sum += pointwise_.derivative(margin[n], label[n], first[n]);
    }
    return sum;
  }
  void curvature(std::span<const double> margin, std::span<const double> label,
                 std::span<double> second) const override {
    for (std::size_t n = 0; n < margin.size(); ++n) {
      second[n] = pointwise_.curvature(margin[n], label[n]);
    }
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
  const double delta = parse_real(parts.arguments[0], "--loss huber:DELTA", 0, kInfinity);
  if (delta == 0) throw Error(fmt::format("--loss {}: DELTA must be greater than 0", spec));
  return wrap_loss(Huber{delta}, fmt::format("huber:{}", delta));
}

}  // namespace laggard
