// Runs as tables: what is written for other programs to read.
#pragma once

#include "runners/laboratory/results/index.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// What the fields of a column are, as text.
enum class FieldKind {
  integer,
  real,
  boolean,  // true or false
  text,
  mixed,  // some numbers, some words: options such as rho
  list,   // an array in JSON
};
std::string_view to_string(FieldKind kind);

struct TableColumn {
  std::string name;
  FieldKind kind = FieldKind::text;
  std::string unit, meaning;  // as in the dictionary; empty: it does not know
};

// A field that is not known is empty.
using TableRow = std::span<const std::string_view>;

struct Table {
  std::string name;
  std::vector<TableColumn> columns;
  // Hands on all rows, one after the other, with a field a column. Throws Error.
  std::function<void(const std::function<void(TableRow)>& take)> rows;
};

// Of all tables that tables_of() knows, in their order.
std::vector<std::string> table_names();

// The tables that are `wanted` of these runs, with their documents, which must outlive them, and
// at the end `columns`, which tells of the columns of the others. Each row of a table begins with
// the number of its run in `runs`, from 0, and with its id. Numbers are those of the files, letter
// for letter. Errors begin with `what`, which must outlive the tables too.
std::vector<Table> tables_of(const std::vector<StoredRun>& runs,
                             std::span<const std::string> wanted, std::string_view what);

}  // namespace laggard
