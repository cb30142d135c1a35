#include "methods/nesterov/nesterov.hpp"

#include "core/io/error.hpp"
#include "core/io/option_spec.hpp"
#include "core/method/gradient_sum.hpp"
#include "core/method/plugin.hpp"
#include "core/problem/vector_ops.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace laggard {

MomentumSchedule::MomentumSchedule(Kind kind, double value, double alpha_mu)
    : kind_(kind), constant_(value) {
  if (kind != Kind::strong) return;
  const double s = std::min(1.0, std::sqrt(alpha_mu));
  constant_ = (1 - s) / (1 + s);
}

double MomentumSchedule::next() {
  const auto k = static_cast<double>(k_++);
  if (kind_ == Kind::k) return k / (k + 3);
  if (kind_ != Kind::t) return constant_;
  const double t = std::exchange(t_, (1 + std::sqrt(1 + 4 * t_ * t_)) / 2);
  return (t - 1) / t_;
}

double MomentumSchedule::supremum() const {
  return kind_ == Kind::k || kind_ == Kind::t ? 1 : constant_;
}

void MomentumSchedule::persist(StateArchive& archive) {
  archive.value(k_);
  archive.value(t_);
}

Nesterov::Nesterov(SmoothMean objective, int shards, int features, const NesterovOptions& options)
    : GradientMethod(shards, features, options.precision),
      q_(std::move(objective)),
      alpha_(options.step_size ? *options.step_size : inverse(q_.lipschitz())),
      momentum_(options.momentum, options.constant, alpha_ * q_.lambda() / q_.samples()),
      w_(zero()),
      y_(zero()) {
  momentum_.next();  // beta_0: at first w and w_old are one and the same
}

Residuals Nesterov::step(const Vector& gradient) {
  const Vector slope = q_.slope(gradient, *y_);
  const SharedVector w_old = w_;
  w_ = share(*y_ - alpha_ * (slope / q_.samples()));
  y_ = share(*w_ + momentum_.next() * (*w_ - *w_old));
  Residuals out;
  out.primal = norm(view(slope));
  out.norm_x = norm(view(gradient));
  return out;
}

std::string Nesterov::advice_on_divergence() const {
  const double beta = momentum_.supremum();
  return q_.stable_below((2 + 2 * beta) / (1 + 2 * beta),
                         fmt::format("(2 + 2 beta) / (1 + 2 beta) / L at beta = {:.3g}", beta));
}

void Nesterov::persist_own(StateArchive& archive) {
  momentum_.persist(archive);
  archive.shared(w_);
  archive.shared(y_);
}

namespace {

using Kind = MomentumSchedule::Kind;

Kind kind_of(std::string_view text) {
  if (text == "t") return Kind::t;
  if (text == "k") return Kind::k;
  return text == "strong" ? Kind::strong : Kind::constant;
}

constexpr Range kMomenta = {.max = 1, .max_excluded = true};

std::string canonical_momentum(std::string_view text) {
  if (kind_of(text) != Kind::constant) return std::string(text);
  try {
    return fmt::format("{}", parse_in(kMomenta, text, "--momentum"));
  } catch (const Error&) {
    throw Error(fmt::format(
        "--momentum: {} is not known; expected a number of at least 0 and below 1, t, k or strong",
        text));
  }
}

void prepare(MethodSetup& setup) {
  refuse_rough(setup, "nesterov");
  need_step(setup);
  const bool curved = *setup.regularizer->smooth_curvature() > 0;
  setup.values.try_emplace("momentum", curved ? "strong" : "t");
  if (!curved && text_value(setup.values, "momentum") == "strong")
    throw Error(
        fmt::format("--momentum: strong needs a regulariser of some curvature, not {}; expected "
                    "--regularizer l2:L, or t",
                    setup.regularizer->spec()));
}

std::unique_ptr<CoordinatorHalf> coordinator(const CoordinatorSetup& setup) {
  NesterovOptions options;
  options.step_size = optional_real(setup.values, "step-size");
  const std::string& momentum = text_value(setup.values, "momentum");
  options.momentum = kind_of(momentum);
  if (options.momentum == Kind::constant)
    options.constant = parse_in(kMomenta, momentum, "--momentum");
  options.precision = setup.precision;
  return std::make_unique<Nesterov>(SmoothMean(setup), setup.problem.shards,
                                    setup.problem.features(), options);
}

}  // namespace

LAGGARD_METHOD({
    .name = "nesterov",
    .summary = "gradient steps at an extrapolated point (Nesterov)",
    .source = "docs/mathematics.md 10.1; Nesterov 1983, 2004",
    .options = {step_size_option("the step, for phi/N"),
                {.name = "momentum",
                 .type = OptionType::text,
                 .default_text = "strong where h has curvature, else t",
                 .help = "a number, the same in every step; t: the sequence t_k; k: k/(k+3); "
                         "strong: from the curvature of h",
                 .canonical = canonical_momentum}},
    .traits = {.additive = true, .sums_rows = true, .one_point = true, .takes_kinks = true},
    .prepare = prepare,
    .worker = make_gradient_sum,
    .coordinator = coordinator,
})

}  // namespace laggard
