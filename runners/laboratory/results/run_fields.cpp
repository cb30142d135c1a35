#include "runners/laboratory/results/run_fields.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include <array>

namespace laggard {
namespace {

namespace json = boost::json;

constexpr std::array<IndexColumn, 26> kColumns = {{
    {"id", "TEXT", "id"},
    {"status", "TEXT", "status"},
    {"started", "TEXT", "started"},
    {"protocol", "TEXT", "protocol"},
    {"method", "TEXT", "configuration.method"},
    {"fleet", "TEXT", "fleet"},
    {"workers", "INTEGER", "workers"},
    {"shards", "INTEGER", "shards"},
    {"seed", "INTEGER", "seed"},
    {"straggler", "TEXT", "straggler"},
    {"data", "TEXT", "data.name"},
    {"rounds", "INTEGER", "rounds"},
    {"stop_reason", "TEXT", "stop_reason"},
    {"objective", "REAL", "objective"},
    {"gap", "REAL", "gap"},
    {"certified_gap", "REAL", "certified_gap"},
    {"virtual_seconds", "REAL", "virtual_seconds"},
    {"startup_seconds", "REAL", "startup_seconds"},
    {"solving_seconds", "REAL", "solving_seconds"},
    {"wall_seconds", "REAL", "wall_seconds"},
    {"bytes_up", "INTEGER", "bytes_up"},
    {"bytes_down", "INTEGER", "bytes_down"},
    {"tasks", "INTEGER", "tasks"},
    {"dollars", "REAL", "cost.dollars"},
    {"exit_code", "INTEGER", "exit_code"},
    {"error", "TEXT", "error"},
}};

const json::value* member_at(const json::object& object, std::string_view path) {
  if (const json::value* whole = object.if_contains(path)) return whole;
  const std::size_t dot = path.find('.');
  if (dot == path.npos) return nullptr;
  const json::value* outer = object.if_contains(path.substr(0, dot));
  return outer && outer->is_object() ? member_at(outer->get_object(), path.substr(dot + 1))
                                     : nullptr;
}

const json::value* unless_null(const json::value* value) {
  return value && !value->is_null() ? value : nullptr;
}

}  // namespace

std::span<const IndexColumn> index_columns() { return kColumns; }

const json::value* field_of(const json::object& run, std::string_view name) {
  for (const IndexColumn& column : kColumns)
    if (column.name == name) return unless_null(member_at(run, column.member));
  if (const json::value* configuration = run.if_contains("configuration");
      configuration && configuration->is_object())
    if (const json::value* option = configuration->get_object().if_contains(name))
      return unless_null(option);
  return unless_null(member_at(run, name));
}

std::optional<std::string> shown(const json::value* value) {
  if (!value || value->is_null() || value->is_structured()) return std::nullopt;
  if (value->is_string()) return std::string(value->get_string());
  if (value->is_double()) return fmt::format("{}", value->get_double());
  return json::serialize(*value);
}

}  // namespace laggard
