// What is known of a run by name: columns of the index, members of its run.json, its options.
#pragma once

#include <boost/json/object.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace laggard {

// A column of the index: its name, its type in SQL, and where in run.json it stands.
struct IndexColumn {
  std::string_view name;
  std::string_view type;
  std::string_view member;  // "cost.dollars": of the object `cost`
};

std::span<const IndexColumn> index_columns();

// What `name` is in a run.json: a column of the index, else an option of the configuration, else a
// member, "a.b" of objects within. Null if there is nothing of that name, or if it is null.
const boost::json::value* field_of(const boost::json::object& run, std::string_view name);

// As filters and tables show it; nothing for null, objects and arrays.
std::optional<std::string> shown(const boost::json::value* value);

}  // namespace laggard
