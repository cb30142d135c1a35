#include "runners/runner/timing_alone.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>

#include <array>

namespace laggard {
namespace {

// What is said about a problem, and means nothing to a method that solves none.
constexpr std::array kOfProblems = {
    "data",         "synthetic",  "features",        "loss",    "regularizer", "sharding",
    "shuffle-seed", "validation", "validation-seed", "stop",    "target-gap",  "target-loss",
    "reference",    "eps-primal", "eps-dual",        "eps-abs", "eps-rel",     "eps-gap",
    "wire",         "max-passes"};

bool is_timing_only(std::string_view method) {
  const auto found = methods().find(method);
  return found != methods().end() && found->second.traits.timing_only;
}

}  // namespace

bool times_alone(const RunConfig& config) { return is_timing_only(config.method.name); }

void leave_timing_behind(AllGiven& given, const std::vector<Setting>& file, const Method& method) {
  const Setting* before = last(file, "method");
  if (!before || !is_timing_only(before->value) || method.traits.timing_only) return;
  const auto leave = [&](const char* name) {
    const Given* found = find(given, name);
    if (found && found->from_file) given.erase(name);
  };
  for (const char* name : kOfProblems) leave(name);
  for (const char* limit : {"max-rounds", "max-tasks"}) leave(limit);
}

void settle_timing(RunConfig& config, AllGiven& given) {
  if (!times_alone(config)) return;
  for (const char* name : kOfProblems) {
    const Given* found = find(given, name);
    if (found && !found->from_file)
      throw Error(fmt::format("{}: has no effect with --method {}, which trains nothing",
                              found->setting.what, config.method.name));
    if (found) given.erase(name);
  }
  config.problem = {};
  config.problem.synthetic.samples = config.setup.shards;
  config.problem.synthetic.features = 1;
  config.session.timing_only = true;
  config.session.stopping.rule = StopRule::none;
  config.session.target_gap.reset();
  config.session.target_loss.reset();
  config.reference = "none";
}

}  // namespace laggard
