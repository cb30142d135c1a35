#include "runners/local_lambda/faults.hpp"

#include "core/io/parse.hpp"
#include "core/io/spec.hpp"
#include "core/task/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace laggard {
namespace {

struct Key {
  std::string_view name;
  double LocalFaults::* field;
  bool probability;
};

constexpr double kMostSeconds = 1e6;
constexpr Key kKeys[] = {
    {"slow_start", &LocalFaults::slow_start, true},
    {"slow_start_seconds", &LocalFaults::slow_start_seconds, false},
    {"crash", &LocalFaults::crash, true},
    {"kill", &LocalFaults::kill, true},
    {"kill_every_seconds", &LocalFaults::kill_every_seconds, false},
    {"stall", &LocalFaults::stall, true},
    {"stall_seconds", &LocalFaults::stall_seconds, false},
    {"drop", &LocalFaults::drop, true},
    {"within_seconds", &LocalFaults::within_seconds, false},
    {"duplicate", &LocalFaults::duplicate, true},
    {"ghost", &LocalFaults::ghost, true},
    {"ghost_seconds", &LocalFaults::ghost_seconds, false},
    {"throttle", &LocalFaults::throttle, true},
    {"server_error", &LocalFaults::server_error, true},
};

void assign(LocalFaults& faults, std::string_view name, std::string_view value) {
  const std::string what = fmt::format("--faults: {}", name);
  if (name == "seed") {
    faults.seed = static_cast<std::uint64_t>(
        parse_integer(value, what, 0, std::numeric_limits<std::int64_t>::max()));
    return;
  }
  const Key& key = *std::ranges::find(kKeys, name, &Key::name);
  faults.*key.field = parse_real(value, what, 0, key.probability ? 1 : kMostSeconds);
}

}  // namespace

LocalFaults parse_faults(std::string_view text) {
  LocalFaults faults;
  std::vector<std::string_view> names = {"seed"};
  for (const Key& key : kKeys) names.push_back(key.name);
  for (const auto& [name, value] : parse_settings(text, "--faults", names))
    assign(faults, name, value);
  return faults;
}

std::string to_text(const LocalFaults& faults) {
  const LocalFaults none;
  std::string text;
  for (const Key& key : kKeys) {
    if (faults.*key.field == none.*key.field) continue;
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", key.name, faults.*key.field);
  }
  if (faults.seed != none.seed) {
    text += fmt::format("{}seed={}", text.empty() ? "" : ",", faults.seed);
  }
  return text;
}

namespace local {

Fate draw_fate(const LocalFaults& faults, std::uint64_t invocation) {
  // One draw a use, whether or not it is needed: a fault does not depend on the others.
  std::uint32_t draw = 0;
  const auto next = [&] { return uniform(faults.seed, Stream::local_lambda, invocation, draw++); };
  const auto happens = [&](double probability) { return next() < probability; };
  const auto when = [&](double probability) {
    const bool chosen = happens(probability);
    const double at = next() * faults.within_seconds;
    return chosen ? std::optional(from_seconds(at)) : std::nullopt;
  };
  Fate fate;
  fate.slow_start = happens(faults.slow_start);
  fate.duplicate = happens(faults.duplicate);
  fate.ghost = happens(faults.ghost);
  fate.throttle = happens(faults.throttle);
  fate.server_error = happens(faults.server_error);
  fate.crash = when(faults.crash);
  fate.kill = when(faults.kill);
  fate.stall = when(faults.stall);
  fate.drop = when(faults.drop);
  return fate;
}

std::string to_text(const Fate& fate) {
  std::string text;
  const auto add = [&](std::string_view name, bool happens, std::optional<Time> at = {}) {
    if (!happens) return;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", name);
    if (at) text += fmt::format(" after {:.3f} s", to_seconds(*at));
  };
  add("slow start", fate.slow_start);
  add("crash", fate.crash.has_value(), fate.crash);
  add("kill", fate.kill.has_value(), fate.kill);
  add("stall", fate.stall.has_value(), fate.stall);
  add("drop", fate.drop.has_value(), fate.drop);
  add("duplicate", fate.duplicate);
  add("ghost", fate.ghost);
  add("throttle", fate.throttle);
  add("server error", fate.server_error);
  return text;
}

}  // namespace local
}  // namespace laggard
