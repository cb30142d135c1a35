#include "runners/laboratory/export/csv_folder.hpp"

#include "core/io/atomic_folder.hpp"
#include "core/io/error.hpp"
#include "core/io/output_file.hpp"
#include "core/results/rows.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace laggard {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPiece = std::size_t{1} << 16;

void refuse_what_is_no_export(const fs::path& folder, const std::string& what) {
  if (!fs::exists(fs::symlink_status(folder))) return;
  if (!fs::is_directory(folder))
    throw Error(fmt::format("{}: {}: is a file; expected a folder for CSV files, or a FILE.npz",
                            what, folder.string()));
  std::vector<std::string> known = table_names();
  known.emplace_back("columns");
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const fs::path file = entry.path().filename();
    if (file.extension() != ".csv" || std::ranges::find(known, file.stem().string()) == known.end())
      throw Error(
          fmt::format("{}: {}: holds {}, which is of no export; expected a new folder, or one of "
                      "an earlier export",
                      what, folder.string(), file.string()));
  }
}

std::size_t write_csv(const Table& table, const fs::path& file, const std::string& what) {
  OutputFile out(file, what);
  std::string text;
  std::size_t count = 0;
  for (const TableColumn& column : table.columns) {
    if (!text.empty()) text += ',';
    append_csv_text(text, column.name);
  }
  text += '\n';
  table.rows([&](TableRow row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += ',';
      append_csv_text(text, row[i]);
    }
    text += '\n';
    ++count;
    if (text.size() < kPiece) return;
    out.write(text);
    text.clear();
  });
  out.write(text);
  out.close();
  return count;
}

}  // namespace

RowCounts write_csv_folder(const std::vector<Table>& tables, const fs::path& folder,
                           const std::string& what) {
  refuse_what_is_no_export(folder, what);
  AtomicFolder whole(folder, what);
  RowCounts counts;
  for (const Table& table : tables)
    counts.push_back(write_csv(table, whole.part() / (table.name + ".csv"), what));
  whole.publish();
  return counts;
}

}  // namespace laggard
