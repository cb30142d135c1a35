#include "runners/laboratory/matrix/merge.hpp"

#include "core/io/atomic_file.hpp"
#include "core/io/atomic_folder.hpp"
#include "core/io/error.hpp"
#include "core/io/json_fields.hpp"
#include "core/results/run_directory.hpp"
#include "runners/cli/config_file.hpp"
#include "runners/laboratory/matrix/cell_folder.hpp"
#include "runners/laboratory/matrix/matrix_folder.hpp"
#include "runners/laboratory/results/index.hpp"
#include "runners/laboratory/results/run_folders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace laggard {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr const char* kMerge = "merge";

struct FoundCell {
  fs::path folder;
  CellState state = CellState::interrupted;
  json::object run;
};

using FoundCells = std::map<std::string, FoundCell>;  // by id

[[noreturn]] void refuse(const fs::path& path, std::string_view why) {
  throw Error(fmt::format("{}: {}: {}", kMerge, path.string(), why));
}

FoundCell read_cell(const fs::path& folder) {
  const std::string id = folder.filename().string();
  if (!is_cell_id(id) || !fs::is_directory(folder))
    refuse(folder, "no cell of a matrix; expected the --output of runner matrix run");
  if (is_in_use(folder)) refuse(folder, "in use; expected the end of that run");
  FoundCell cell{folder, standing_of(folder).state, {}};
  if (fs::exists(folder / kRunFile)) cell.run = loose_object(read_whole(folder / kRunFile, kMerge));
  const std::string of = loose_text(cell.run, "id");
  if (!of.empty() && of != id)
    refuse(folder, fmt::format("holds the run {}; expected the cell of its name", of));
  const json::value* schema = cell.run.if_contains("schema");
  if (schema && !(schema->is_int64() && schema->get_int64() <= kRunSchema))
    refuse(folder,
           fmt::format("schema {}; this program knows {}", json::serialize(*schema), kRunSchema));
  return cell;
}

// What is the same each time that a cell in virtual time is run.
bool is_same_result(const json::object& a, const json::object& b) {
  constexpr std::array kFields = {"iterate_digest", "schedule_digest", "stop_reason", "rounds",
                                  "virtual_seconds"};
  return std::ranges::all_of(kFields, [&](const char* field) {
    const json::value* one = a.if_contains(field);
    const json::value* other = b.if_contains(field);
    return one && other ? *one == *other : one == other;
  });
}

// Keeps the one that counts: of equals the first.
void add(FoundCells& cells, FoundCell cell) {
  const auto [at, is_new] = cells.emplace(cell.folder.filename().string(), cell);
  if (is_new) return;
  FoundCell& kept = at->second;
  const bool both = kept.state == CellState::done && cell.state == CellState::done;
  if (both && !is_same_result(kept.run, cell.run))
    refuse(kept.folder, fmt::format("its result is another than that of {}; expected the same, or "
                                    "one of the two: remove the other folder",
                                    cell.folder.string()));
  // Ordered: interrupted, failed, done.
  if (cell.state > kept.state) kept = std::move(cell);
}

void add_cells_of(FoundCells& cells, const fs::path& folder) {
  std::vector<fs::path> folders;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder / kCells))
    if (!entry.path().filename().string().starts_with('.')) folders.push_back(entry.path());
  std::ranges::sort(folders);
  for (const fs::path& each : folders) add(cells, read_cell(each));
}

// The text of its matrix.
std::string check_matrix_folder(const fs::path& folder) {
  if (!fs::is_directory(folder) || !fs::is_directory(folder / kCells) ||
      !fs::is_regular_file(folder / kMatrixFile))
    refuse(folder, fs::exists(folder)
                       ? "no output of a matrix; expected the --output of runner matrix run"
                       : "no such folder; expected the --output of runner matrix run");
  refuse_matrix_in_use(folder, kMerge);
  return read_whole(folder / kMatrixFile, kMerge);
}

// An output is new, or of this matrix, or was left before even the matrix was there.
void check_output(const fs::path& output, const fs::path& source, std::string_view matrix) {
  if (!fs::exists(output) || fs::is_empty(output)) return;
  if (fs::is_regular_file(output / kMatrixFile)) {
    if (check_matrix_folder(output) != matrix)
      refuse(output, fmt::format("of another matrix than {}; expected a new folder, or one of the "
                                 "same",
                                 source.string()));
    return;
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(output)) {
    const fs::path name = entry.path().filename();
    if (name != ".lock" && name != "matrix.json.part" &&
        !(name == kCells && fs::is_empty(entry.path())))
      refuse(output, fmt::format("holds {}; expected a new folder, or an output of the matrix",
                                 name.string()));
  }
}

void copy_cell(const fs::path& from, const fs::path& to) {
  AtomicFolder whole(to, kMerge);
  try {
    for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
      const fs::path name = entry.path().filename();
      if (name != ".lock") fs::copy(entry.path(), whole.part() / name, fs::copy_options::recursive);
    }
  } catch (const fs::filesystem_error& error) {
    fail_to_write(error.code().value(),
                  fmt::format("{}: {}: cannot copy it to {}: {}", kMerge, from.string(),
                              to.string(), error.code().message()));
  }
  whole.publish();
}

// Throws Error for an index that is not ours to change.
void renew_index(const fs::path& output) {
  const std::array folders = {output};
  if (!run_folders(output).empty()) load_runs(folders, kMerge, Loaded::columns);
}

MergedCells count_of(const FoundCells& cells) {
  MergedCells counts;
  for (const auto& [id, cell] : cells) {
    counts.done += cell.state == CellState::done;
    counts.failed += cell.state == CellState::failed;
    counts.interrupted += cell.state == CellState::interrupted;
  }
  return counts;
}

}  // namespace

MergedCells merge_matrices(std::span<const fs::path> sources, const fs::path& output,
                           const std::atomic<bool>& interrupted) {
  const std::string matrix = check_matrix_folder(sources.front());
  FoundCells found;
  for (const fs::path& source : sources) {
    if (check_matrix_folder(source) != matrix)
      refuse(source, fmt::format("of another matrix than {}: their matrix.json differ",
                                 sources.front().string()));
    add_cells_of(found, source);
  }
  check_output(output, sources.front(), matrix);

  FileLock lock;
  hold_matrix_folder(lock, output, "merge: -o");
  renew_index(output);
  // Again, with those that are there first: they stay where they are as good.
  FoundCells cells;
  add_cells_of(cells, output);
  for (auto& [id, cell] : found) add(cells, std::move(cell));
  write_atomically(output / kMatrixFile, matrix, "merge: -o");
  MergedCells counts = count_of(cells);
  for (const auto& [id, cell] : cells) {
    if (interrupted) {
      counts.is_whole = false;
      break;
    }
    std::error_code none;
    const fs::path to = cell_folder(output, id);
    if (fs::equivalent(cell.folder, to, none)) continue;
    copy_cell(cell.folder, to);
    ++counts.copied;
  }
  renew_index(output);
  return counts;
}

}  // namespace laggard
