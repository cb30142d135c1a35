#include "runners/runner/own_objective.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace laggard {
namespace {

constexpr std::array<std::string_view, 13> kOfPhi = {
    "loss",       "regularizer", "validation", "validation-seed", "stop",
    "eps-primal", "eps-dual",    "eps-abs",    "eps-rel",         "eps-gap",
    "target-gap", "target-loss", "reference"};

}  // namespace

bool has_own_objective(const RunConfig& config) {
  const auto method = methods().find(config.method.name);
  return method != methods().end() && !method->second.objective.empty();
}

bool is_of_phi(std::string_view option) {
  return std::find(kOfPhi.begin(), kOfPhi.end(), option) != kOfPhi.end();
}

void refuse_phi(AllGiven& given, const Method& method) {
  if (method.objective.empty()) return;
  const Given* chosen = find(given, "method");
  const bool chosen_anew = chosen && !chosen->from_file;
  for (const std::string_view name : kOfPhi) {
    const Given* found = find(given, name);
    if (!found) continue;
    if (!found->from_file || !chosen_anew)
      throw Error(fmt::format(
          "{}: {} does not go with --method {}, which minimises {}; expected no --{}",
          found->setting.what, found->setting.value, method.name, method.objective, name));
    given.erase(given.find(name));
  }
}

}  // namespace laggard
