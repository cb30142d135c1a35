#include "core/method/stopping.hpp"

#include <algorithm>
#include <cmath>

namespace laggard {

std::string_view to_string(StopRule rule) {
  switch (rule) {
    case StopRule::certified:
      return "certified";
    case StopRule::boyd:
      return "boyd";
    case StopRule::paper:
      return "paper";
    case StopRule::absolute:
      return "absolute";
    case StopRule::none:
      return "none";
  }
  return "";
}

bool satisfied(const Stopping& stopping, const Residuals& r, int features) {
  if (!r.all_accepted || stopping.rule == StopRule::none) return false;
  const double p = r.blocks, d = features;
  if (stopping.rule == StopRule::certified || stopping.rule == StopRule::boyd) {
    const double floor = std::sqrt(p * d) * stopping.eps_abs;
    return r.primal <= floor + stopping.eps_rel * std::max(r.norm_x, r.norm_z) &&
           r.dual <= floor + stopping.eps_rel * r.norm_y;
  }
  const bool scaled = stopping.rule == StopRule::paper && !r.literal;
  const double scale = scaled ? std::sqrt(d) : 1.0;
  return r.primal <= scale * stopping.eps_primal &&
         r.dual_exact.value_or(r.dual) <= scale * stopping.eps_dual;
}

}  // namespace laggard
