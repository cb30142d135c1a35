#include "runners/laboratory/matrix/cell_folder.hpp"

#include "core/io/atomic_file.hpp"
#include "core/io/file_lock.hpp"
#include "core/io/json_fields.hpp"
#include "core/results/run_directory.hpp"
#include "runners/laboratory/matrix/matrix_folder.hpp"

#include <boost/json/serialize.hpp>

#include <fstream>
#include <sstream>
#include <system_error>

namespace laggard {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

// Empty where there is none that can be read.
json::object run_of(const fs::path& folder) {
  std::ifstream in(folder / kRunFile, std::ios::binary);
  if (!in) return {};
  std::ostringstream text;
  text << in.rdbuf();
  return loose_object(text.str());
}

double number_at(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(key);
  return found && found->is_number() ? found->to_number<double>() : kNaN;
}

}  // namespace

fs::path cell_folder(const fs::path& output, const std::string& id) { return output / kCells / id; }

CellStanding standing_of(const fs::path& folder) {
  CellStanding standing;
  std::error_code ignored;
  if (!fs::exists(folder, ignored)) return standing;
  standing.state = CellState::interrupted;
  const json::object run = run_of(folder);
  const std::string status = loose_text(run, "status");
  if (status == run_status::kFailed) standing.state = CellState::failed;
  if (status != run_status::kFinished) return standing;
  standing.state = CellState::done;
  standing.seconds = number_at(run, "wall_seconds");
  if (const json::value* cost = run.if_contains("cost"); cost && cost->is_object())
    standing.dollars = number_at(cost->get_object(), "dollars");
  return standing;
}

bool is_cell_id(std::string_view name) {
  constexpr std::size_t kDigits = 16;
  return name.size() == kDigits && name.find_first_not_of("0123456789abcdef") == name.npos;
}

bool holds_cell(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return is_cell_id(name) && loose_text(run_of(folder), "id") == name;
}

std::string error_of(const fs::path& folder) { return loose_text(run_of(folder), "error"); }

bool is_in_use(const fs::path& folder) { return is_locked(folder / ".lock"); }

void record_failure(const fs::path& folder, const MatrixCell& cell, int exit_code,
                    const std::string& error) {
  json::object run = run_of(folder);
  if (loose_text(run, "status") == run_status::kFailed) return;
  run["schema"] = kRunSchema;
  run["id"] = cell.id;
  run["status"] = run_status::kFailed;
  run["error"] = error;
  run["exit_code"] = exit_code;
  if (!run.contains("configuration")) {
    json::object configuration;
    for (const Setting& setting : cell.settings) configuration[setting.name] = setting.value;
    run["configuration"] = std::move(configuration);
  }
  write_atomically(folder / kRunFile, json::serialize(run) + '\n', "matrix");
}

}  // namespace laggard
