#include "runners/laboratory/export/table.hpp"

#include "core/results/csv_rows.hpp"
#include "core/results/rows.hpp"
#include "core/results/run_directory.hpp"
#include "runners/laboratory/export/run_table.hpp"
#include "runners/laboratory/results/dictionary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace laggard {
namespace {

constexpr std::size_t kKeys = 2;  // columns that every table begins with

// A file that each run may have.
struct Series {
  std::string_view table, file, header;
};

const std::vector<Series>& all_series() {
  static const std::vector<Series> all = {{"iterations", "iterations.csv", kIterationsHeader},
                                          {"tasks", "workers.csv.gz", kWorkersHeader},
                                          {"workers", "per_worker.csv", kPerWorkerHeader},
                                          {"fleet", "fleet.csv", kFleetHeader},
                                          {"solutions", "solution.csv", kSolutionHeader}};
  return all;
}

// A name means the same in all files.
FieldKind kind_of(std::string_view column) {
  static const std::set<std::string_view> kIntegers = {
      "round",      "accepted", "discarded",   "staleness_max", "age_max",          "bytes_up",
      "bytes_down", "worker",   "shard",       "passes",        "inner_iterations", "dense_work",
      "staleness",  "tasks",    "incarnation", "cold",          "feature"};
  static const std::set<std::string_view> kTexts = {"outcome", "end"};
  if (kIntegers.contains(column)) return FieldKind::integer;
  return kTexts.contains(column) ? FieldKind::text : FieldKind::real;
}

// A field that is not known is empty, where it may be.
bool fits(std::string_view field, FieldKind kind) {
  const char* const end = field.data() + field.size();
  std::int64_t integer = 0;
  double real = 0;
  std::from_chars_result result{end, {}};
  if (kind == FieldKind::integer) result = std::from_chars(field.data(), end, integer);
  if (kind == FieldKind::real && !field.empty()) result = std::from_chars(field.data(), end, real);
  return result.ec == std::errc() && result.ptr == end;
}

void rows_of_series(const std::vector<StoredRun>& runs, const Series& series,
                    const std::vector<FieldKind>& kinds, std::string_view what,
                    const std::function<void(TableRow)>& take) {
  std::vector<std::string_view> fields(kinds.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    // A run that did not end may have no such file; where a finished one lacks it, it was lost.
    if (runs[i].status != run_status::kFinished &&
        !std::filesystem::exists(runs[i].folder / series.file))
      continue;
    const std::string number = std::to_string(i);
    fields[0] = number;
    fields[1] = runs[i].id;
    CsvRows rows(runs[i].folder, series.file, series.header, what);
    while (rows.next()) {
      for (std::size_t k = kKeys; k < kinds.size(); ++k) {
        fields[k] = rows.text();
        if (!fits(fields[k], kinds[k])) rows.fail_field(fields[k], "a number");
      }
      take(fields);
    }
  }
}

Table series_table(const std::vector<StoredRun>& runs, const Series& series,
                   std::string_view what) {
  Table table{std::string(series.table), run_key_columns(), {}};
  for (const Column& column : columns_of(series.file)->columns)
    table.columns.push_back({std::string(column.name), kind_of(column.name),
                             std::string(column.unit), std::string(column.meaning)});
  std::vector<FieldKind> kinds;
  for (const TableColumn& column : table.columns) kinds.push_back(column.kind);
  table.rows = [=, &runs, &series](const std::function<void(TableRow)>& take) {
    rows_of_series(runs, series, kinds, what, take);
  };
  return table;
}

// What the columns of `tables` mean.
Table table_of_columns(const std::vector<Table>& tables) {
  Table table{"columns",
              {{"table", FieldKind::text, "", "that the column is in"},
               {"column", FieldKind::text, "", "its name"},
               {"kind", FieldKind::text, "", "integer, real, boolean, text, mixed or list"},
               {"unit", FieldKind::text, "", "of its numbers"},
               {"meaning", FieldKind::text, "", "what it is"}},
              {}};
  std::vector<std::array<std::string, 5>> all;
  for (const Table& each : tables)
    for (const TableColumn& column : each.columns)
      all.push_back({each.name, column.name, std::string(to_string(column.kind)), column.unit,
                     column.meaning});
  table.rows = [all = std::move(all)](const std::function<void(TableRow)>& take) {
    for (const auto& row : all) {
      const std::vector<std::string_view> fields(row.begin(), row.end());
      take(fields);
    }
  };
  return table;
}

}  // namespace

std::string_view to_string(FieldKind kind) {
  constexpr std::array<std::string_view, 6> kNames = {"integer", "real",  "boolean",
                                                      "text",    "mixed", "list"};
  return kNames.at(static_cast<std::size_t>(kind));
}

std::vector<std::string> table_names() {
  std::vector<std::string> names = {"runs"};
  for (const Series& series : all_series()) names.emplace_back(series.table);
  return names;
}

std::vector<Table> tables_of(const std::vector<StoredRun>& runs,
                             std::span<const std::string> wanted, std::string_view what) {
  const auto is_wanted = [&](std::string_view name) {
    return std::ranges::find(wanted, name) != wanted.end();
  };
  std::vector<Table> tables;
  if (is_wanted("runs")) tables.push_back(run_table(runs));
  for (const Series& series : all_series())
    if (is_wanted(series.table)) tables.push_back(series_table(runs, series, what));
  tables.push_back(table_of_columns(tables));
  return tables;
}

}  // namespace laggard
