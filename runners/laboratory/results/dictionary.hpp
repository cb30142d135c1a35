// Every column of every file of results: what it means, and its unit.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

struct Column {
  std::string_view name;  // of run.json "a.b": b of the object a; "a.*": every member of a
  std::string_view unit;  // empty: it has none
  std::string_view meaning;
};

struct ColumnsOfFile {
  std::string_view file;
  std::string_view rows;  // what a row is
  std::vector<Column> columns;
};

std::span<const ColumnsOfFile> dictionary();

// Null if there is no such file in it.
const ColumnsOfFile* columns_of(std::string_view file);

// The page docs/results.md.
std::string dictionary_page();

}  // namespace laggard
