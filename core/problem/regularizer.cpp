#include "core/problem/regularizer.hpp"

#include "core/io/error.hpp"
#include "core/io/parse.hpp"
#include "core/io/spec.hpp"
#include "core/problem/vector_ops.hpp"
#include "core/task/types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace laggard {
namespace {

constexpr std::array<std::string_view, 7> kRegularizerSyntaxes = {
    "none",      "l1:LAMBDA",   "l2:LAMBDA",           "elastic_net:LAMBDA1,LAMBDA2",
    "box:LO,HI", "nonnegative", "group_l2:LAMBDA,SIZE"};

// sign(v) max(0, abs(v) - k) without a branch, and never -0.
double soft_threshold(double v, double k) { return v - std::min(std::max(v, -k), k); }

// The largest c in [0, 1] with c y <= bound.
double scale_to(double y, double bound) { return y <= bound ? 1.0 : bound / y; }

// Each separable h for one coordinate, by the same names as in Regularizer.

struct None {
  double value(double) const { return 0; }
  double prox(double v, double) const { return v; }
  bool is_free(double) const { return true; }
  double gradient(double) const { return 0; }
  double curvature() const { return 0; }
  bool is_smooth() const { return true; }
  double stay(double, double x) const { return x; }
  double dual_scale(double y) const { return y == 0 ? 1 : 0; }
  double conjugate(double) const { return 0; }
};

// l1 abs(x) + l2/2 x^2: l1, l2 and elastic_net. Only the prox has a form of its own for each, as
// its rounding shows in the iterates.
struct ElasticNet {
  double l1;
  double l2;

  double value(double x) const { return l1 * std::abs(x) + 0.5 * l2 * (x * x); }
  double prox(double v, double t) const { return soft_threshold(v, t * l1) / (1 + t * l2); }
  bool is_free(double x) const { return x != 0 || l1 == 0; }
  double gradient(double x) const { return (x == 0 ? 0 : std::copysign(l1, x)) + l2 * x; }
  double curvature() const { return l2; }
  bool is_smooth() const { return l1 == 0; }
  double stay(double from, double x) const { return l1 > 0 && from * x < 0 ? 0 : x; }
  double dual_scale(double y) const { return l2 > 0 ? 1 : scale_to(std::abs(y), l1); }
  double conjugate(double y) const {
    const double excess = std::max(0.0, std::abs(y) - l1);
    return l2 > 0 ? excess * excess / (2 * l2) : 0;
  }
};

struct L1 : ElasticNet {
  double prox(double v, double t) const { return soft_threshold(v, t * l1); }
};

struct L2 : ElasticNet {
  double prox(double v, double t) const { return v / (1 + t * l2); }
};

struct Box {
  double lo;
  double hi;

  double value(double x) const { return lo <= x && x <= hi ? 0 : kInfinity; }
  double prox(double v, double) const { return std::min(std::max(v, lo), hi); }
  bool is_free(double x) const { return lo < x && x < hi; }
  double gradient(double) const { return 0; }
  double curvature() const { return 0; }
  bool is_smooth() const { return false; }
  double stay(double, double x) const { return std::min(std::max(x, lo), hi); }
  double dual_scale(double y) const { return y == 0 || std::isfinite(y > 0 ? hi : lo) ? 1 : 0; }
  double conjugate(double y) const { return y == 0 ? 0 : y * (y > 0 ? hi : lo); }
};

template <class Scalar>
class Separable final : public Regularizer {
 public:
  Separable(Scalar scalar, std::string spec) : scalar_(scalar), spec_(std::move(spec)) {}

  double value(std::span<const double> x) const override {
    double sum = 0;
    for (double entry : x) sum += scalar_.value(entry);
    return sum;
  }
  void prox(std::span<const double> v, double t, std::span<double> out) const override {
    const Scalar scalar = scalar_;  // a copy: `out` cannot alias it, so the loop vectorises
    for (std::size_t j = 0; j < v.size(); ++j) out[j] = scalar.prox(v[j], t);
  }
  void prox(std::span<const double> v, std::span<const double> t,
            std::span<double> out) const override {
    const Scalar scalar = scalar_;
    for (std::size_t j = 0; j < v.size(); ++j) out[j] = scalar.prox(v[j], t[j]);
  }
  void free_coordinates(std::span<const double> x, std::vector<int>& free) const override {
    free.clear();
    for (std::size_t j = 0; j < x.size(); ++j) {
      if (scalar_.is_free(x[j])) free.push_back(static_cast<int>(j));
    }
  }
  void add_gradient(std::span<const double> x, std::span<double> out) const override {
    for (std::size_t j = 0; j < x.size(); ++j) out[j] += scalar_.gradient(x[j]);
  }
  void add_hessian_product(std::span<const double>, std::span<const double> v,
                           std::span<double> out) const override {
    const double curvature = scalar_.curvature();
    for (std::size_t j = 0; j < v.size(); ++j) out[j] += curvature * v[j];
  }
  void stay_on_piece(std::span<const double> from, std::span<double> x) const override {
    for (std::size_t j = 0; j < x.size(); ++j) x[j] = scalar_.stay(from[j], x[j]);
  }
  double dual_scale(std::span<const double> y) const override {
    double scale = 1;
    for (double entry : y) scale = std::min(scale, scalar_.dual_scale(entry));
    return scale;
  }
  double conjugate(std::span<const double> y) const override {
    double sum = 0;
    for (double entry : y) sum += scalar_.conjugate(entry);
    return sum;
  }
  std::optional<double> smooth_curvature() const override {
    if (!scalar_.is_smooth()) return std::nullopt;
    return scalar_.curvature();
  }
  const std::string& spec() const override { return spec_; }

 private:
  Scalar scalar_;
  std::string spec_;
};

// lambda times the sum of the norms of consecutive groups of `size` coordinates.
class GroupL2 final : public Regularizer {
 public:
  GroupL2(double lambda, int size, std::string spec)
      : lambda_(lambda), size_(static_cast<std::size_t>(size)), spec_(std::move(spec)) {}

  double value(std::span<const double> x) const override {
    double sum = 0;
    each_group(x.size(), [&](auto begin, auto n) { sum += norm(x.subspan(begin, n)); });
    return lambda_ * sum;
  }
  void prox(std::span<const double> v, double t, std::span<double> out) const override {
    each_group(v.size(),
               [&](auto begin, auto n) { shrink(v.subspan(begin, n), t, out.subspan(begin, n)); });
  }
  void prox(std::span<const double> v, std::span<const double> t,
            std::span<double> out) const override {
    each_group(v.size(), [&](auto begin, auto n) {
      shrink(v.subspan(begin, n), t[begin], out.subspan(begin, n));
    });
  }
  void tie(std::span<double> weights) const override {
    each_group(weights.size(), [&](auto begin, auto n) {
      const auto group = weights.subspan(begin, n);
      const double sum = std::accumulate(group.begin(), group.end(), 0.0);
      std::fill(group.begin(), group.end(), sum / static_cast<double>(n));
    });
  }
  void free_coordinates(std::span<const double> x, std::vector<int>& free) const override {
    free.clear();
    each_group(x.size(), [&](auto begin, auto n) {
      if (lambda_ > 0 && norm(x.subspan(begin, n)) == 0) return;
      for (std::size_t j = begin; j < begin + n; ++j) free.push_back(static_cast<int>(j));
    });
  }
  void add_gradient(std::span<const double> x, std::span<double> out) const override {
    each_group(x.size(), [&](auto begin, auto n) {
      const double length = norm(x.subspan(begin, n));
      if (length == 0) return;
      for (std::size_t j = begin; j < begin + n; ++j) out[j] += lambda_ / length * x[j];
    });
  }
  // lambda / norm(x) (I - x x^T / norm(x)^2) for each group.
  void add_hessian_product(std::span<const double> x, std::span<const double> v,
                           std::span<double> out) const override {
    each_group(x.size(), [&](auto begin, auto n) {
      const double length = norm(x.subspan(begin, n));
      if (length == 0) return;
      const double along = dot(x.subspan(begin, n), v.subspan(begin, n)) / (length * length);
      for (std::size_t j = begin; j < begin + n; ++j) {
        out[j] += lambda_ / length * (v[j] - along * x[j]);
      }
    });
  }
  int hessian_block() const override { return static_cast<int>(size_); }
  // A group that has turned by a right angle or more has passed by the kink at 0.
  void stay_on_piece(std::span<const double> from, std::span<double> x) const override {
    if (lambda_ == 0) return;
    each_group(x.size(), [&](auto begin, auto n) {
      if (dot(from.subspan(begin, n), x.subspan(begin, n)) > 0) return;
      for (std::size_t j = begin; j < begin + n; ++j) x[j] = 0;
    });
  }
  double dual_scale(std::span<const double> y) const override {
    double scale = 1;
    each_group(y.size(), [&](auto begin, auto n) {
      scale = std::min(scale, scale_to(norm(y.subspan(begin, n)), lambda_));
    });
    return scale;
  }
  double conjugate(std::span<const double>) const override { return 0; }
  const std::string& spec() const override { return spec_; }

 private:
  void shrink(std::span<const double> v, double t, std::span<double> out) const {
    const double length = norm(v);
    const double factor = length <= t * lambda_ ? 0 : 1 - t * lambda_ / length;
    for (std::size_t j = 0; j < v.size(); ++j) out[j] = factor == 0 ? 0 : factor * v[j];
  }
  template <class Visit>
  void each_group(std::size_t d, const Visit& visit) const {
    for (std::size_t begin = 0; begin < d; begin += size_) visit(begin, std::min(size_, d - begin));
  }

  double lambda_;
  std::size_t size_;
  std::string spec_;
};

template <class Scalar>
std::unique_ptr<const Regularizer> wrap_scalar(Scalar scalar, std::string spec) {
  return std::make_unique<Separable<Scalar>>(scalar, std::move(spec));
}

}  // namespace

std::unique_ptr<const Regularizer> make_regularizer(std::string_view spec) {
  const std::string what =
      fmt::format("--regularizer {}", match_syntax("--regularizer", spec, kRegularizerSyntaxes));
  const auto [name, arguments] = split_spec(spec);
  const auto lambda = [&](std::size_t i) { return parse_real(arguments[i], what, 0, kInfinity); };
  const auto bound = [&](std::size_t i) {
    return parse_real(arguments[i], what, -kInfinity, kInfinity, true);
  };
  if (name == "none") return wrap_scalar(None{}, "none");
  if (name == "l1") return wrap_scalar(L1{{lambda(0), 0}}, fmt::format("l1:{}", lambda(0)));
  if (name == "l2") return wrap_scalar(L2{{0, lambda(0)}}, fmt::format("l2:{}", lambda(0)));
  if (name == "nonnegative") return wrap_scalar(Box{0, kInfinity}, "nonnegative");
  if (name == "elastic_net") {
    return wrap_scalar(ElasticNet{lambda(0), lambda(1)},
                       fmt::format("elastic_net:{},{}", lambda(0), lambda(1)));
  }
  if (name == "box") {
    const double lo = bound(0), hi = bound(1);
    if (!(lo <= hi) || lo == kInfinity || hi == -kInfinity) {
      throw Error(
          fmt::format("--regularizer {}: expected LO <= HI, not both the same infinity", spec));
    }
    return wrap_scalar(Box{lo, hi}, fmt::format("box:{},{}", lo, hi));
  }
  const auto size = parse_integer(arguments[1], what, 1, std::numeric_limits<int>::max());
  return std::make_unique<GroupL2>(lambda(0), static_cast<int>(size),
                                   fmt::format("group_l2:{},{}", lambda(0), size));
}

std::unique_ptr<const Regularizer> scaled(const Regularizer& h, double factor) {
  const auto [name, arguments] = split_spec(h.spec());
  if (name == "none" || name == "box" || name == "nonnegative") return nullptr;
  double sum = 0;
  std::string spec(name);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool is_size = name == "group_l2" && i == 1;
    const double lambda = is_size ? 0 : parse_real(arguments[i], name, 0, kInfinity);
    sum += lambda;
    spec += i == 0 ? ':' : ',';
    spec += is_size ? std::string(arguments[i]) : fmt::format("{}", factor * lambda);
  }
  return sum > 0 ? make_regularizer(spec) : nullptr;
}

}  // namespace laggard
