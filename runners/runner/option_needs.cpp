#include "runners/runner/option_needs.hpp"

#include <algorithm>
#include <string>

namespace laggard {
namespace {

// What options need to have an effect.
struct Need {
  std::vector<const char*> names;
  const char* with;
  std::vector<std::string> values;  // none: any
};

const std::vector<Need>& needs() {
  static const std::vector<Need> all = {
      {{"eps-primal", "eps-dual"}, "stop", {"paper", "absolute"}},
      {{"eps-abs", "eps-rel"}, "stop", {"certified", "boyd"}},
      {{"eps-gap"}, "stop", {"certified"}},
      {{"every"}, "checkpoint", {}},
      {{"validation-seed", "target-loss"}, "validation", {}},
      {{"shuffle-seed"}, "sharding", {"shuffle"}},
      {{"fleet-model", "latency", "bandwidth", "coordinator-bandwidth", "service-time", "masters",
        "cold-start", "topology"},
       "fleet",
       {"sim"}},
      {{"invoke-rate"}, "fleet", {"sim", "local", "lambda"}},
      {{"memory-mb", "function-timeout"}, "fleet", {"sim", "local"}},
      {{"listen", "advertise", "transport", "shard-source"},
       "fleet",
       {"local", "lambda", "external"}},
      {{"start-timeout"}, "fleet", {"local", "lambda", "external"}},
      {{"max-usd"}, "fleet", {"local", "lambda"}},
      {{"concurrency", "scaling-rate", "faults", "emulator", "endpoint-log"}, "fleet", {"local"}},
      {{"worker"}, "fleet", {"local", "external"}},
      {{"function", "region", "endpoint"}, "fleet", {"lambda"}},
      {{"seats"}, "fleet", {"external"}},
  };
  return all;
}

}  // namespace

void add_needs(std::vector<RunOption>& all) {
  for (const Need& need : needs()) {
    for (RunOption& option : all) {
      if (std::find(need.names.begin(), need.names.end(), option.name) == need.names.end())
        continue;
      option.only_with = need.with;
      option.only_values = need.values;
    }
  }
}

}  // namespace laggard
