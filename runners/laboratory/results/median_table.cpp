#include "runners/laboratory/results/median_table.hpp"

#include "core/io/error.hpp"
#include "runners/laboratory/results/filter.hpp"
#include "runners/laboratory/results/run_fields.hpp"
#include "runners/laboratory/results/statistics.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

namespace laggard {
namespace {

// Orders numbers as numbers, and before other text.
struct ByValue {
  bool operator()(const std::string& a, const std::string& b) const {
    const auto x = spelt_number(a), y = spelt_number(b);
    if (x && y) return *x < *y;
    if (x || y) return x.has_value();
    return a < b;
  }
};

struct ByValues {
  bool operator()(const std::vector<std::string>& a, const std::vector<std::string>& b) const {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), ByValue{});
  }
};

std::string text_of(const StoredRun& run, const std::string& name) {
  return shown(run.field(name)).value_or("");
}

bool fell_short(const StoredRun& run) {
  const bool had_an_end = text_of(run, "stop") != "none" || !text_of(run, "target-gap").empty() ||
                          !text_of(run, "target-loss").empty();
  return had_an_end && text_of(run, "exit_code") != "0";
}

std::optional<double> number_of(const StoredRun& run, const std::string& name) {
  if (fell_short(run)) return std::numeric_limits<double>::infinity();
  return spelt_number(text_of(run, name));
}

std::string rounded(double value, int digits) {
  if (!std::isfinite(value)) return "-";
  if (std::abs(value) >= std::pow(10, digits - 1) || value == std::round(value))
    return fmt::format("{:.0f}", value);
  return fmt::format("{:#.{}g}", value, digits);
}

void append_line(std::string& text, const std::vector<std::string>& cells) {
  text += fmt::format("| {} |\n", fmt::join(cells, " | "));
}

}  // namespace

std::string median_and_range(const std::vector<double>& values, int digits) {
  if (values.empty()) return "";
  const auto [least, most] = std::ranges::minmax(values);
  std::string text = rounded(median(values), digits);
  const std::string from = rounded(least, digits), to = rounded(most, digits);
  if (from != to) text += fmt::format(" [{} to {}]", from, to);
  return text;
}

std::string median_table(std::span<const StoredRun> runs, const MedianTable& request,
                         std::string_view what) {
  std::map<std::vector<std::string>, std::map<std::string, std::vector<const StoredRun*>, ByValue>,
           ByValues>
      lines;
  std::map<std::string, bool, ByValue> columns;
  for (const StoredRun& run : runs) {
    std::vector<std::string> line;
    for (const std::string& name : request.rows) line.push_back(text_of(run, name));
    const std::string column = request.columns.empty() ? "" : text_of(run, request.columns);
    lines[line][column].push_back(&run);
    columns[column] = true;
  }
  for (const std::string& value : request.values)
    if (std::none_of(runs.begin(), runs.end(),
                     [&](const StoredRun& run) { return number_of(run, value).has_value(); }))
      throw Error(fmt::format("{}: {}: no number in any run", what, value));

  std::vector<std::string> head = request.rows;
  for (const auto& [column, _] : columns)
    for (const std::string& value : request.values)
      head.push_back(request.columns.empty()      ? value
                     : request.values.size() == 1 ? column
                                                  : fmt::format("{}: {}", column, value));
  std::string text;
  append_line(text, head);
  text += fmt::format("|{}\n", fmt::join(std::vector<std::string>(head.size(), "---|"), ""));
  for (auto& [line, groups] : lines) {
    std::vector<std::string> cells = line;
    for (const auto& [column, _] : columns) {
      for (const std::string& value : request.values) {
        std::vector<double> numbers;
        for (const StoredRun* run : groups[column])
          if (const auto number = number_of(*run, value)) numbers.push_back(*number);
        cells.push_back(median_and_range(numbers));
      }
    }
    append_line(text, cells);
  }
  return text;
}

}  // namespace laggard
