#include "runners/laboratory/results/listing.hpp"

#include "runners/laboratory/results/dictionary.hpp"
#include "runners/laboratory/results/filter.hpp"
#include "runners/laboratory/results/run_fields.hpp"
#include "runners/laboratory/results/text_table.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <set>
#include <tuple>

namespace laggard {
namespace {

namespace json = boost::json;

constexpr std::size_t kShortId = 8;  // digits that are shown, and that suffice to name a run

std::string heading_of(const std::string& name) {
  if (name == "virtual_seconds") return "virtual s";
  if (name == "startup_seconds") return "start-up s";
  if (name == "solving_seconds") return "solving s";
  if (name == "wall_seconds") return "wall s";
  return name;
}

std::string cell_text(const StoredRun& run, const std::string& name) {
  if (name == "id") return run.id.substr(0, kShortId);
  const json::value* value = name == "path" ? nullptr : run.field(name);
  if (value && value->is_double()) return brief_number(value->get_double());
  return shown_field(run, name).value_or("");
}

}  // namespace

std::vector<std::string> field_names(const std::vector<std::string>& options) {
  std::set<std::string> names(options.begin(), options.end());
  for (const IndexColumn& column : index_columns()) names.emplace(column.name);
  for (const Column& column : columns_of("run.json")->columns)
    if (!column.name.ends_with('*')) names.emplace(column.name);
  names.emplace("path");
  return {names.begin(), names.end()};
}

bool are_columns(const std::vector<std::string>& names) {
  return std::ranges::all_of(names, [](const std::string& name) {
    return name == "path" ||
           std::ranges::find(index_columns(), name, &IndexColumn::name) != index_columns().end();
  });
}

std::optional<std::string> shown_field(const StoredRun& run, std::string_view name) {
  if (name == "path") return run.path;
  return shown(run.field(name));
}

void sort_runs(std::vector<StoredRun>& runs, const std::string& by) {
  const bool down = by.starts_with('-');
  const std::string name = by.substr(down ? 1 : 0);
  using Key = std::tuple<int, double, std::string>;
  std::vector<std::pair<Key, std::size_t>> order;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::optional<std::string> text = shown_field(runs[i], name);
    const std::optional<double> number = text ? spelt_number(*text) : std::nullopt;
    const int kind = number ? 0 : text ? 1 : 2;
    order.push_back({{kind, number.value_or(0), number ? "" : text.value_or("")}, i});
  }
  std::ranges::sort(order, [&](const auto& a, const auto& b) {
    if (a.first == b.first) return a.second < b.second;
    const bool is_last = std::get<0>(a.first) == 2 || std::get<0>(b.first) == 2;
    return down && !is_last ? b.first < a.first : a.first < b.first;
  });
  std::vector<StoredRun> sorted;
  for (const auto& [key, i] : order) sorted.push_back(std::move(runs[i]));
  runs = std::move(sorted);
}

std::string listing(const std::vector<StoredRun>& runs, const std::vector<std::string>& columns) {
  std::vector<std::vector<std::string>> rows(1);
  for (const std::string& name : columns) rows.front().push_back(heading_of(name));
  for (const StoredRun& run : runs) {
    rows.emplace_back();
    for (const std::string& name : columns) rows.back().push_back(cell_text(run, name));
  }
  return text_table(rows);
}

json::object listed_json(StoredRun run) {
  json::object object = {{"id", run.id}, {"status", run.status}, {"path", run.path}};
  const json::value* configuration = run.run.if_contains("configuration");
  object["options"] = configuration ? *configuration : json::value(json::object());
  for (auto& [key, value] : run.run)
    if (key != "id" && key != "status") object[key] = std::move(value);
  return object;
}

}  // namespace laggard
