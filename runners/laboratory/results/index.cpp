#include "runners/laboratory/results/index.hpp"

#include "core/io/error.hpp"
#include "core/io/json_fields.hpp"
#include "core/results/run_directory.hpp"
#include "runners/cli/config_file.hpp"
#include "runners/laboratory/results/database.hpp"
#include "runners/laboratory/results/run_fields.hpp"
#include "runners/laboratory/results/run_folders.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <boost/json.hpp>

#include <algorithm>
#include <map>
#include <optional>

namespace laggard {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::int64_t kApplication = 0x4c616767;  // "Lagg": SQLite's application_id

std::size_t place_of(std::string_view name) {
  const auto columns = index_columns();
  const auto found = std::ranges::find(columns, name, &IndexColumn::name);
  return static_cast<std::size_t>(found - columns.begin());
}

// A row of the index, or what one would be.
struct Entry {
  RunFolder at;
  json::array columns;
  std::string text;  // of run.json, as far as it was read
  bool is_new = false;
};

// What the columns hold is what they are declared to.
void check_run(const json::object& run, const fs::path& file, std::string_view what) {
  const json::value* schema = run.if_contains("schema");
  if (schema && !(schema->is_int64() && schema->get_int64() <= kRunSchema))
    throw Error(fmt::format("{}: {}: schema {} is not known here; expected at most {}", what,
                            file.string(), json::serialize(*schema), kRunSchema));
  for (const IndexColumn& column : index_columns()) {
    const json::value* value = field_of(run, column.name);
    if (value && !(column.type == "TEXT" ? value->is_string() : value->is_number()))
      throw Error(fmt::format("{}: {}: {} is {}; expected {}", what, file.string(), column.member,
                              json::serialize(*value),
                              column.type == "TEXT" ? "a text" : "a number"));
  }
}

Entry read_entry(const fs::path& folder, const RunFolder& at, std::string_view what) {
  Entry entry{at, {}, read_whole(folder / at.path / kRunFile, "run.json"), true};
  const json::object run = loose_object(entry.text);
  check_run(run, (folder / at.path / kRunFile).lexically_normal(), what);
  for (const IndexColumn& column : index_columns()) {
    const json::value* value = field_of(run, column.name);
    entry.columns.push_back(value ? *value : json::value(nullptr));
  }
  json::value& id = entry.columns[place_of("id")];
  if (!id.is_string())
    id = json::string(fs::absolute(folder / at.path).lexically_normal().filename().string());
  json::value& status = entry.columns[place_of("status")];
  if (run.empty())
    status = run_status::kInterrupted;  // torn
  else if (!status.is_string())
    status = run_status::kFinished;  // of the schema before
  return entry;
}

// The rows of the index in a folder, by path. It is brought up to date by update().
class Index {
 public:
  Index(const fs::path& folder, std::string_view what)
      : file_(folder / kIndexFile), what_(what), writable_(::access(folder.c_str(), W_OK) == 0) {
    if (!writable_ && !fs::exists(file_)) return;
    try {
      open();
    } catch (const DatabaseFault& fault) {
      give_up_or_begin_anew(fault);
    }
  }

  std::map<std::string, Entry> rows() {
    try {
      return database_ ? read_rows() : std::map<std::string, Entry>();
    } catch (const DatabaseFault& fault) {
      give_up_or_begin_anew(fault);
      return {};
    }
  }

  // Empty where it cannot be had.
  std::string document(const std::string& path) {
    if (!database_) return {};
    try {
      Statement get = database_->prepare("SELECT run FROM documents WHERE path = ?");
      get.bind(1, json::string(path));
      return get.step() ? std::string(get.column(0).as_string()) : std::string();
    } catch (const DatabaseFault& fault) {
      give_up_or_begin_anew(fault);
      return {};
    }
  }

  // Those that are new, and without those that are gone. Another program that writes, or a full
  // disk, leaves the index as it was: it is only there to be fast.
  void update(const std::vector<Entry>& entries, const std::vector<std::string>& gone) {
    if (!database_ || !writable_) return;
    try {
      write_rows(entries, gone);
    } catch (const DatabaseFault& fault) {
      give_up_or_begin_anew(fault);
    }
  }

 private:
  void open() {
    database_.emplace(file_, writable_);
    const std::int64_t application = database_->number("PRAGMA application_id");
    const std::int64_t schema = database_->number("PRAGMA user_version");
    const bool is_empty = database_->number("SELECT count(*) FROM sqlite_master") == 0;
    if (application != kApplication && !is_empty) refuse("it is a database of another program");
    if (application == kApplication && schema > kIndexSchema)
      refuse(fmt::format("index of schema {}, this program has {}", schema, kIndexSchema));
    // SQLite reads what is missing of the last page as zeros.
    const auto page = static_cast<std::uintmax_t>(database_->number("PRAGMA page_size"));
    const bool is_torn = fs::file_size(file_) % page != 0;
    if (application == kApplication && schema == kIndexSchema && !is_torn) return;
    if (!is_empty && writable_) begin_anew();
    if (writable_)
      create();
    else
      database_.reset();
  }

  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(
        fmt::format("{}: {}: {}; delete it, and it is made again", what_, file_.string(), why));
  }

  void create() {
    std::string columns;
    for (const IndexColumn& column : index_columns())
      columns += fmt::format(", {} {}", column.name, column.type);
    database_->execute(fmt::format(
        "BEGIN IMMEDIATE;"
        "CREATE TABLE IF NOT EXISTS runs (path TEXT PRIMARY KEY, modified INTEGER, size INTEGER{});"
        "CREATE TABLE IF NOT EXISTS documents (path TEXT PRIMARY KEY, run TEXT);"
        "PRAGMA application_id = {}; PRAGMA user_version = {}; COMMIT",
        columns, kApplication, kIndexSchema));
  }

  void begin_anew() {
    database_.reset();
    std::error_code ignored;
    fs::remove(file_, ignored);
    database_.emplace(file_, writable_);
  }

  // SQLite takes the beginning of a database that is shorter than its header for another's file.
  bool is_cut_short() const {
    constexpr std::string_view kMagic("SQLite format 3\0", 16);
    constexpr std::size_t kHeader = 100;
    const std::string text = read_whole(file_, what_);
    return text.size() < kHeader && text.substr(0, kMagic.size()) == kMagic.substr(0, text.size());
  }

  // A damaged index of ours is made again; where it cannot be read, runs are.
  void give_up_or_begin_anew(const DatabaseFault& fault) {
    if (fault.is_foreign() && !is_cut_short()) refuse("it is no index of runs");
    database_.reset();
    if (!(fault.is_damaged() || fault.is_foreign()) || !writable_) return;
    try {
      begin_anew();
      create();
    } catch (const DatabaseFault&) {
      database_.reset();
    }
  }

  std::map<std::string, Entry> read_rows() {
    std::string columns;
    for (const IndexColumn& column : index_columns()) columns += fmt::format(", {}", column.name);
    Statement all =
        database_->prepare(fmt::format("SELECT path, modified, size{} FROM runs", columns));
    std::map<std::string, Entry> rows;
    while (all.step()) {
      Entry entry;
      entry.at = {std::string(all.column(0).as_string()), all.column(1).as_int64(),
                  all.column(2).as_int64()};
      const int count = static_cast<int>(index_columns().size());
      for (int i = 0; i < count; ++i) entry.columns.push_back(all.column(3 + i));
      rows.emplace_hint(rows.end(), entry.at.path, std::move(entry));
    }
    return rows;
  }

  void write_rows(const std::vector<Entry>& entries, const std::vector<std::string>& gone) {
    const bool any_new = std::ranges::any_of(entries, &Entry::is_new);
    if (!any_new && gone.empty()) return;
    std::string places;
    for (std::size_t i = 0; i < index_columns().size(); ++i) places += ", ?";
    database_->execute("BEGIN IMMEDIATE");
    Statement row =
        database_->prepare(fmt::format("INSERT OR REPLACE INTO runs VALUES (?, ?, ?{})", places));
    Statement document = database_->prepare("INSERT OR REPLACE INTO documents VALUES (?, ?)");
    for (const Entry& entry : entries) {
      if (!entry.is_new) continue;
      row.bind(1, json::string(entry.at.path));
      row.bind(2, entry.at.modified);
      row.bind(3, entry.at.size);
      for (std::size_t i = 0; i < entry.columns.size(); ++i)
        row.bind(static_cast<int>(i) + 4, entry.columns[i]);
      row.step();
      row.reset();
      document.bind(1, json::string(entry.at.path));
      document.bind(2, json::string(entry.text));
      document.step();
      document.reset();
    }
    for (const char* table : {"runs", "documents"}) {
      Statement remove = database_->prepare(fmt::format("DELETE FROM {} WHERE path = ?", table));
      for (const std::string& path : gone) {
        remove.bind(1, json::string(path));
        remove.step();
        remove.reset();
      }
    }
    database_->execute("COMMIT");
  }

  fs::path file_;
  std::string what_;
  bool writable_;
  std::optional<Database> database_;
};

StoredRun stored(const fs::path& folder, Entry&& entry, bool with_document) {
  StoredRun run;
  run.folder = entry.at.path == "." ? folder : folder / entry.at.path;
  run.path = entry.at.path;
  run.columns = std::move(entry.columns);
  json::value& status = run.columns[place_of("status")];
  run.status = std::string(status.as_string());
  if (run.status == run_status::kRunning) {
    run.status = status_of_run(run.folder);
    status = json::string(run.status);
  }
  run.id = std::string(run.columns[place_of("id")].as_string());
  if (with_document) run.run = loose_object(entry.text);
  return run;
}

void load_below(const fs::path& folder, std::string_view what, Loaded loaded,
                std::vector<StoredRun>& runs) {
  if (!fs::is_directory(folder))
    throw Error(fmt::format("{}: {}: no such folder; expected one with runs, from --output", what,
                            folder.string()));
  const std::vector<RunFolder> found = run_folders(folder);
  if (found.empty())
    throw Error(fmt::format("{}: {}: holds no run (no run.json); expected a folder from --output",
                            what, folder.string()));
  const bool documents = loaded == Loaded::documents;
  if (found.front().path == ".") {
    runs.push_back(stored(folder, read_entry(folder, found.front(), what), documents));
    return;
  }
  Index index(folder, what);
  std::map<std::string, Entry> known = index.rows();
  std::vector<Entry> entries;
  for (const RunFolder& at : found) {
    const auto row = known.find(at.path);
    const bool fresh = row != known.end() && row->second.at.modified == at.modified &&
                       row->second.at.size == at.size;
    entries.push_back(fresh ? std::move(row->second) : read_entry(folder, at, what));
    if (fresh && documents) {
      entries.back().text = index.document(at.path);
      if (entries.back().text.empty()) entries.back() = read_entry(folder, at, what);
    }
    if (row != known.end()) known.erase(row);
  }
  std::vector<std::string> gone;
  for (const auto& [path, entry] : known) gone.push_back(path);
  index.update(entries, gone);
  for (Entry& entry : entries) runs.push_back(stored(folder, std::move(entry), documents));
}

}  // namespace

const json::value* StoredRun::field(std::string_view name) const {
  const std::size_t place = place_of(name);
  if (place < columns.size()) return &columns[place];
  return field_of(run, name);
}

std::vector<StoredRun> load_runs(std::span<const fs::path> folders, std::string_view what,
                                 Loaded loaded) {
  std::vector<StoredRun> runs;
  for (const fs::path& folder : folders) load_below(folder, what, loaded, runs);
  return runs;
}

StoredRun find_run(std::string_view id, std::span<const fs::path> folders, std::string_view what) {
  std::vector<StoredRun> runs = load_runs(folders, what, Loaded::columns);
  std::erase_if(runs, [&](const StoredRun& run) { return !run.id.starts_with(id); });
  if (runs.empty())
    throw Error(fmt::format("{}: {}: no folder, and no run of that id below {}", what, id,
                            folders.front().string()));
  if (runs.size() > 1)
    throw Error(fmt::format("{}: {}: {} runs have an id that begins so: {}, {}{}", what, id,
                            runs.size(), runs[0].path, runs[1].path,
                            runs.size() > 2 ? ", ..." : ""));
  StoredRun run = std::move(runs.front());
  run.run = loose_object(read_whole(run.folder / kRunFile, what));
  return run;
}

}  // namespace laggard
