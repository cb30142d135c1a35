#include "core/io/error.hpp"
#include "core/io/parse.hpp"
#include "core/io/spec.hpp"
#include "core/problem/synthetic.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <limits>
#include <string>

namespace laggard {
namespace {

constexpr std::array<std::string_view, 5> kKeys = {"n", "d", "density", "nu", "seed"};
constexpr std::array kScopes = {NuScope::sample, NuScope::klass, NuScope::feature, NuScope::entry};

NuScope parse_scope(std::string_view text) {
  const auto scope = std::ranges::find(kScopes, text, [](NuScope s) { return to_string(s); });
  if (scope != kScopes.end()) return *scope;
  throw Error(fmt::format(
      "--synthetic: nu: \"{}\" is unknown; expected sample, class, feature or entry", text));
}

std::uint64_t parse_seed(std::string_view text) {
  return static_cast<std::uint64_t>(
      parse_integer(text, "--synthetic: seed", 0, std::numeric_limits<std::int64_t>::max()));
}

void set_key(SyntheticSpec& spec, std::string_view key, std::string_view value) {
  if (key == "n") {
    spec.samples = parse_integer(value, "--synthetic: n", 1, 2'000'000'000);
  } else if (key == "d") {
    spec.features = static_cast<int>(parse_integer(value, "--synthetic: d", 1, 2'147'483'646));
  } else if (key == "density") {
    spec.density = parse_real(value, "--synthetic: density", 0, 1);
    if (spec.density == 0) {
      throw Error("--synthetic: density: 0 is out of range; expected a number above 0, at most 1");
    }
  } else if (key == "nu") {
    spec.nu = parse_scope(value);
  } else {
    LAGGARD_ASSERT(key == "seed", std::string(key));
    spec.seed = parse_seed(value);
  }
}

}  // namespace

std::string_view to_string(NuScope scope) {
  switch (scope) {
    case NuScope::sample:
      return "sample";
    case NuScope::klass:
      return "class";
    case NuScope::feature:
      return "feature";
    case NuScope::entry:
      return "entry";
  }
  return "?";
}

int SyntheticSpec::features_per_row() const {
  const auto rounded = static_cast<std::int64_t>(density * features + 0.5);
  return static_cast<int>(std::clamp<std::int64_t>(rounded, 1, features));
}

std::string SyntheticSpec::text() const {
  return fmt::format("n={},d={},density={},nu={},seed={}", samples, features, density,
                     to_string(nu), seed);
}

SyntheticSpec parse_synthetic(std::string_view text) {
  SyntheticSpec spec;
  for (const auto& [key, value] : parse_settings(text, "--synthetic", kKeys))
    set_key(spec, key, value);
  return spec;
}

}  // namespace laggard
