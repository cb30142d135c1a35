// Groups of runs against the first of them: what each took to come to a gap.
#pragma once

#include "runners/laboratory/results/filter.hpp"
#include "runners/laboratory/results/statistics.hpp"
#include "runners/laboratory/results/to_gap.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

struct RunGroup {
  std::string name;  // as it was asked for
  std::vector<StoredRun> runs;
};

// Of one measure, in one group.
struct GroupMeasure {
  std::vector<double> values;  // a run each
  int reached = 0;             // of these, finite
  // To the first group; nothing for that itself, without numbers, and where both medians are
  // forever.
  std::optional<Ratio> ratio;
  bool paired = false;
};

struct Comparison {
  double gap = 0;
  std::vector<std::string> names;                   // of the groups
  std::vector<std::vector<GroupMeasure>> measures;  // by measure, then by group
  std::vector<std::string> notices;
};

// Runs that are not finished are left out, with a notice. Runs of two groups are paired where each
// group has just one for every setting of the options that vary within the groups, such as seeds.
// Throws Error, beginning with "compare", for a group without a finished run.
Comparison compare(std::vector<RunGroup> groups, double gap, std::uint64_t seed);

std::string comparison_text(const Comparison& comparison);
boost::json::object comparison_json(const Comparison& comparison);

// "time > 1.1x": of any group's ratio to the first; without the x, of its median.
struct FailCondition {
  std::size_t measure = 0;
  bool of_ratio = false;
  Condition condition;  // its value is a number
};

// Several, separated by commas. Throws Error, beginning with `what`.
std::vector<FailCondition> parse_fail_conditions(std::string_view text, std::string_view what);

// What holds, a line each, and a ratio that is asked for where neither group came to the gap.
// Throws Error where there are no numbers to compare.
std::vector<std::string> failures(const Comparison& comparison,
                                  const std::vector<FailCondition>& conditions);

}  // namespace laggard
