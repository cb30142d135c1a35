#include "runners/laboratory/report/labels.hpp"

#include "runners/laboratory/results/fields.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

namespace laggard {
namespace {

// The conditions that a run is made under; a page has axes and filters for them.
constexpr std::array<std::string_view, 9> kConditions = {"seed",        "workers",  "data",
                                                         "synthetic",   "features", "straggler",
                                                         "fleet-model", "loss",     "regularizer"};
// What is shown and kept changes nothing.
constexpr std::array<std::string_view, 14> kOutput = {
    "protocol",   "output", "overwrite", "on-full-disk", "json",  "quiet",     "progress",
    "checkpoint", "every",  "resume",    "serve",        "trace", "reference", "print-config"};
// These often follow from others, and then say less.
constexpr std::array<std::string_view, 5> kLast = {"shards", "max-rounds", "max-tasks",
                                                   "max-passes", "time-limit"};

constexpr std::string_view kUsualMethod = "admm";  // goes without saying

template <class Names>
bool is_among(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

using Runs = std::vector<const StoredRun*>;

std::vector<std::string> candidates(const Runs& runs) {
  std::vector<std::string> first, last;
  for (const StoredRun* run : runs)
    for (const auto& entry : configuration_of(*run)) {
      const std::string name(entry.key());
      if (is_among(kConditions, name) || is_among(kOutput, name)) continue;
      std::vector<std::string>& names = is_among(kLast, name) ? last : first;
      if (!is_among(names, name)) names.push_back(name);
    }
  first.insert(first.end(), last.begin(), last.end());
  return first;
}

// Whether two runs differ in `name` although all of `equal` is the same.
bool tells_apart(const Runs& runs, const std::vector<std::string>& equal, const std::string& name) {
  std::map<std::string, std::string> seen;
  for (const StoredRun* run : runs) {
    std::string key;
    for (const std::string& each : equal) key += option_text(*run, each) + '\n';
    const std::string value = option_text(*run, name);
    if (seen.emplace(key, value).first->second != value) return true;
  }
  return false;
}

std::vector<std::string> telling_options(const Runs& runs) {
  std::vector<std::string> equal(kConditions.begin(), kConditions.end());
  std::vector<std::string> telling;
  for (const std::string& name : candidates(runs)) {
    if (!tells_apart(runs, equal, name)) continue;
    equal.push_back(name);
    telling.push_back(name);
  }
  return telling;
}

}  // namespace

std::vector<std::string> labels(const std::vector<StoredRun>& runs) {
  std::map<std::string, Runs> by_protocol;
  for (const StoredRun& run : runs) by_protocol[option_text(run, "protocol")].push_back(&run);
  std::map<std::string, std::vector<std::string>> telling;
  for (const auto& [protocol, of_it] : by_protocol) telling[protocol] = telling_options(of_it);
  std::vector<std::string> all;
  for (const StoredRun& run : runs) {
    const std::string protocol = option_text(run, "protocol");
    std::string label = protocol;
    const std::string method = option_text(run, "method");
    if (method != kUsualMethod && !method.empty() &&
        !is_among(telling[protocol], "method"))  // else it is said below
      label += " method=" + method;
    for (const std::string& name : telling[protocol]) {
      const std::string value = option_text(run, name);
      if (!value.empty()) label += ' ' + name + '=' + value;
    }
    all.push_back(std::move(label));
  }
  return all;
}

}  // namespace laggard
