#include "core/method/penalty.hpp"

#include "core/io/error.hpp"
#include "core/io/parse.hpp"
#include "core/io/spec.hpp"

#include <fmt/format.h>

#include <array>

namespace laggard {

std::string PenaltyPolicy::text() const {
  if (relative) return fmt::format("relative_balancing:mu={},factor={}", mu, factor);
  if (factor == 1) return "fixed";
  return fmt::format("residual_balancing:mu={},factor={}", mu, factor);
}

namespace {

PenaltyPolicy parse_policy(std::string_view text, bool relative_too) {
  constexpr std::array<std::string_view, 2> kKeys = {"mu", "factor"};
  PenaltyPolicy policy;
  if (text == "fixed") {
    policy.factor = 1;
    return policy;
  }
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  if (name == "relative_balancing" && relative_too) policy = kRelativeBalancing;
  if ((name != "residual_balancing" && !policy.relative) || text.ends_with(':'))
    throw Error(fmt::format(
        "--rho-policy {}: unknown policy{}; expected fixed, {}residual_balancing:mu=10,factor=2",
        text, name == "relative_balancing" && !relative_too ? " of this method" : "",
        relative_too ? kRelativeBalancing.text() + " or " : "or "));
  if (colon == text.npos) return policy;
  for (const auto& [key, value] :
       parse_settings(text.substr(colon + 1), fmt::format("--rho-policy {}", name), kKeys)) {
    if (key == "mu")
      policy.mu = parse_real(value, "--rho-policy mu", 1, 1e6);
    else
      policy.factor = parse_real(value, "--rho-policy factor", 1.0001, 1e6);
  }
  return policy;
}

}  // namespace

PenaltyPolicy parse_penalty_policy(std::string_view text) { return parse_policy(text, true); }

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
           .canonical = [](std::string_view text) { return parse_policy(text, false).text(); }}};
}

}  // namespace laggard
