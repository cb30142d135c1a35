#include "core/method/penalty.hpp"

#include "core/io/error.hpp"
#include "core/io/parse.hpp"

#include <fmt/format.h>

namespace laggard {

std::string PenaltyPolicy::text() const {
  if (factor == 1) return "fixed";
  return fmt::format("residual_balancing:mu={},factor={}", mu, factor);
}

PenaltyPolicy parse_penalty_policy(std::string_view text) {
  constexpr std::string_view kBalancing = "residual_balancing";
  PenaltyPolicy policy;
  if (text == "fixed") {
    policy.factor = 1;
    return policy;
  }
  std::string_view rest = text;
  const auto bad = [&](std::string_view what) {
    return Error(
        fmt::format("--rho-policy {}: {}; expected fixed or "
                    "residual_balancing:mu=10,factor=2",
                    text, what));
  };
  if (!rest.starts_with(kBalancing)) throw bad("unknown policy");
  rest.remove_prefix(kBalancing.size());
  if (!rest.empty() && rest.front() != ':') throw bad("unknown policy");
  while (!rest.empty()) {
    rest.remove_prefix(1);  // ':' or ','
    const std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(item.size());
    const std::size_t equals = item.find('=');
    const std::string_view key = item.substr(0, equals);
    const std::string_view value = equals == item.npos ? "" : item.substr(equals + 1);
    if (key == "mu")
      policy.mu = parse_real(value, "--rho-policy mu", 1, 1e6);
    else if (key == "factor")
      policy.factor = parse_real(value, "--rho-policy factor", 1.0001, 1e6);
    else
      throw bad(fmt::format("unknown parameter '{}'", key));
  }
  return policy;
}

std::vector<OptionSpec> penalty_options() {
  return {{.name = "rho",
           .type = OptionType::real,
           .max = 1e300,
           .default_text = "1",
           .help = "penalty, at first",
           .min_excluded = true},
          {.name = "rho-policy",
           .type = OptionType::text,
           .default_text = PenaltyPolicy{}.text(),
           .help = "fixed, or residual_balancing:mu=MU,factor=F",
           .canonical = [](std::string_view text) { return parse_penalty_policy(text).text(); }}};
}

}  // namespace laggard
