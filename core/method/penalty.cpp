#include "core/method/penalty.hpp"

#include "core/io/error.hpp"
#include "core/io/parse.hpp"
#include "core/io/spec.hpp"

#include <fmt/format.h>

#include <array>

namespace laggard {

std::string PenaltyPolicy::text() const {
  if (factor == 1) return "fixed";
  return fmt::format("residual_balancing:mu={},factor={}", mu, factor);
}

PenaltyPolicy parse_penalty_policy(std::string_view text) {
  constexpr std::array<std::string_view, 2> kKeys = {"mu", "factor"};
  PenaltyPolicy policy;
  if (text == "fixed") {
    policy.factor = 1;
    return policy;
  }
  const std::size_t colon = text.find(':');
  if (text.substr(0, colon) != "residual_balancing" || text.ends_with(':'))
    throw Error(fmt::format(
        "--rho-policy {}: unknown policy; expected fixed or residual_balancing:mu=10,factor=2",
        text));
  if (colon == text.npos) return policy;
  for (const auto& [key, value] :
       parse_settings(text.substr(colon + 1), "--rho-policy residual_balancing", kKeys)) {
    if (key == "mu")
      policy.mu = parse_real(value, "--rho-policy mu", 1, 1e6);
    else
      policy.factor = parse_real(value, "--rho-policy factor", 1.0001, 1e6);
  }
  return policy;
}

namespace {

// Beyond it, or its inverse, squares of rho and 1/rho are no normal numbers any more.
constexpr double kLeastRho = 1e-150;

}  // namespace

std::vector<OptionSpec> penalty_options() {
  return {{.name = "rho",
           .type = OptionType::real,
           .min = kLeastRho,
           .max = 1 / kLeastRho,
           .default_text = "1",
           .help = "penalty, at first"},
          {.name = "rho-policy",
           .type = OptionType::text,
           .default_text = PenaltyPolicy{}.text(),
           .help = "fixed, or residual_balancing:mu=MU,factor=F",
           .canonical = [](std::string_view text) { return parse_penalty_policy(text).text(); }}};
}

}  // namespace laggard
