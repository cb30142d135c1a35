#include "runners/laboratory/results/text_table.hpp"

#include "runners/laboratory/results/filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace laggard {
namespace {

struct Layout {
  std::size_t width = 0;
  bool is_number = true;
};

std::vector<Layout> layout_of(const std::vector<std::vector<std::string>>& rows) {
  std::vector<Layout> columns(rows.front().size());
  for (std::size_t r = 0; r < rows.size(); ++r)
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::string& cell = rows[r][c];
      columns[c].width = std::max(columns[c].width, cell.size());
      if (r > 0 && !cell.empty() && cell != "-" && !spelt_number(cell))
        columns[c].is_number = false;
    }
  return columns;
}

}  // namespace

std::string text_table(const std::vector<std::vector<std::string>>& rows) {
  const std::vector<Layout> columns = layout_of(rows);
  std::string text;
  for (const std::vector<std::string>& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::string blanks(columns[c].width - row[c].size(), ' ');
      if (c > 0) line += "  ";
      line += columns[c].is_number ? blanks + row[c] : row[c] + blanks;
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  }
  return text;
}

std::string brief_number(double value, int digits) {
  if (!std::isfinite(value)) return std::isnan(value) ? "" : "never";
  return fmt::format("{:.{}g}", value, digits);
}

}  // namespace laggard
