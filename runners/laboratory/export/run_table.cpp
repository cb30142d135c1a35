#include "runners/laboratory/export/run_table.hpp"

#include "runners/laboratory/results/dictionary.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <optional>

namespace laggard {
namespace {

namespace json = boost::json;

constexpr std::string_view kOption = "option.";

std::optional<FieldKind> kind_of_value(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return std::nullopt;
    case json::kind::bool_:
      return FieldKind::boolean;
    case json::kind::int64:
      return FieldKind::integer;
    case json::kind::uint64:
      // Others are those that int64 cannot hold.
      return FieldKind::text;
    case json::kind::double_:
      return FieldKind::real;
    case json::kind::string:
      return FieldKind::text;
    default:
      return FieldKind::list;
  }
}

FieldKind common_kind(FieldKind a, FieldKind b) {
  const auto is_number = [](FieldKind kind) {
    return kind == FieldKind::integer || kind == FieldKind::real;
  };
  if (a == b) return a;
  return is_number(a) && is_number(b) ? FieldKind::real : FieldKind::mixed;
}

std::string text_of_value(const json::value& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_double()) return fmt::format("{}", value.get_double());
  return json::serialize(value);
}

// Of the column `name` of the table, which is a member of run.json or an option.
const Column* in_dictionary(std::string_view name) {
  for (const Column& column : columns_of("run.json")->columns) {
    if (column.name == name) return &column;
    const std::string_view all = column.name.substr(0, column.name.find('*'));
    if (all.size() < column.name.size() && name.starts_with(all)) return &column;
  }
  return nullptr;
}

struct RunRows {
  struct Met {
    std::string name;
    std::optional<FieldKind> kind;
  };
  std::vector<Met> columns;
  std::map<std::string, std::size_t, std::less<>> places;
  std::vector<std::vector<std::pair<std::size_t, std::string>>> rows;  // of a run: place and text

  void add(const std::string& name, const json::value& value) {
    if (value.is_object()) {
      for (const auto& [key, within] : value.get_object())
        add(fmt::format("{}.{}", name, std::string_view(key)), within);
      return;
    }
    const auto [at, is_new] = places.emplace(name, columns.size());
    if (is_new) columns.push_back({name, {}});
    if (const auto kind = kind_of_value(value)) {
      std::optional<FieldKind>& all = columns[at->second].kind;
      all = all ? common_kind(*all, *kind) : *kind;
      rows.back().emplace_back(at->second, text_of_value(value));
    }
  }

  void add(const StoredRun& run) {
    rows.emplace_back();
    for (const auto& [key, value] : run.run)
      if (key != "id" && key != "status" && key != "configuration") add(std::string(key), value);
    const json::value* configuration = run.run.if_contains("configuration");
    if (!configuration || !configuration->is_object()) return;
    for (const auto& [key, value] : configuration->get_object())
      add(fmt::format("{}{}", kOption, std::string_view(key)), value);
  }
};

TableColumn described(const RunRows::Met& met) {
  // What no run has is a number that is nowhere known.
  TableColumn column{met.name, met.kind.value_or(FieldKind::real), "", ""};
  if (met.name.starts_with(kOption)) {
    column.meaning = fmt::format("--{}", met.name.substr(kOption.size()));
  } else if (const Column* found = in_dictionary(met.name)) {
    column.unit = found->unit;
    column.meaning = found->meaning;
  }
  return column;
}

}  // namespace

std::vector<TableColumn> run_key_columns() {
  return {{"row", FieldKind::integer, "", "of the run in the table of runs, from 0"},
          {"run", FieldKind::text, "", "id of the run"}};
}

Table run_table(const std::vector<StoredRun>& runs) {
  const auto all = std::make_shared<RunRows>();
  for (const StoredRun& run : runs) all->add(run);
  Table table{"runs", run_key_columns(), {}};
  table.columns.push_back({"folder", FieldKind::text, "", "of the run"});
  table.columns.push_back(
      {"status", FieldKind::text, "", std::string(in_dictionary("status")->meaning)});
  const std::size_t fixed = table.columns.size();
  for (const RunRows::Met& met : all->columns) table.columns.push_back(described(met));
  table.rows = [all, fixed, &runs](const std::function<void(TableRow)>& take) {
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const std::string number = std::to_string(i), folder = runs[i].folder.string();
      std::vector<std::string_view> fields(fixed + all->columns.size());
      fields[0] = number;
      fields[1] = runs[i].id;
      fields[2] = folder;
      fields[3] = runs[i].status;
      for (const auto& [place, text] : all->rows[i]) fields[fixed + place] = text;
      take(fields);
    }
  };
  return table;
}

}  // namespace laggard
