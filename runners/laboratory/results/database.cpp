#include "runners/laboratory/results/database.hpp"

#include <sqlite3.h>
#include <boost/json/serialize.hpp>

namespace laggard {
namespace {

constexpr int kBusyMilliseconds = 2000;  // while another program writes

void check_result(sqlite3* database, int result) {
  if (result == SQLITE_OK || result == SQLITE_ROW || result == SQLITE_DONE) return;
  throw DatabaseFault(result, database ? sqlite3_errmsg(database) : sqlite3_errstr(result));
}

}  // namespace

bool DatabaseFault::is_foreign() const { return code == SQLITE_NOTADB; }
bool DatabaseFault::is_damaged() const { return code == SQLITE_CORRUPT || code == SQLITE_IOERR; }

Database::Database(const std::filesystem::path& file, bool writable) {
  const int flags = writable ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  const int result = sqlite3_open_v2(file.c_str(), &handle_, flags, nullptr);
  if (result != SQLITE_OK) {
    const std::string message = handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(result);
    sqlite3_close(handle_);
    throw DatabaseFault(result, message);
  }
  sqlite3_busy_timeout(handle_, kBusyMilliseconds);
}

Database::~Database() { sqlite3_close(handle_); }

void Database::execute(const std::string& sql) {
  check_result(handle_, sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr));
}

std::int64_t Database::number(const std::string& sql) {
  Statement statement = prepare(sql);
  if (!statement.step()) return 0;
  const boost::json::value value = statement.column(0);
  return value.is_int64() ? value.get_int64() : 0;
}

Statement Database::prepare(const std::string& sql) { return Statement(handle_, sql); }

Statement::Statement(sqlite3* database, const std::string& sql) : database_(database) {
  sqlite3_stmt* made = nullptr;
  check_result(database, sqlite3_prepare_v2(database, sql.c_str(), -1, &made, nullptr));
  statement_.reset(made, sqlite3_finalize);
}

void Statement::bind(int place, const boost::json::value& value) {
  sqlite3_stmt* at = statement_.get();
  int result = SQLITE_OK;
  if (value.is_null()) {
    result = sqlite3_bind_null(at, place);
  } else if (value.is_double()) {
    result = sqlite3_bind_double(at, place, value.get_double());
  } else if (value.is_number()) {
    result = sqlite3_bind_int64(at, place, value.to_number<std::int64_t>());
  } else {
    const std::string text =
        value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value);
    result =
        sqlite3_bind_text(at, place, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  }
  check_result(database_, result);
}

bool Statement::step() {
  const int result = sqlite3_step(statement_.get());
  check_result(database_, result);
  return result == SQLITE_ROW;
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

boost::json::value Statement::column(int place) const {
  sqlite3_stmt* at = statement_.get();
  switch (sqlite3_column_type(at, place)) {
    case SQLITE_INTEGER:
      return sqlite3_column_int64(at, place);
    case SQLITE_FLOAT:
      return sqlite3_column_double(at, place);
    case SQLITE_NULL:
      return nullptr;
    default: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(at, place));
      return boost::json::string(text, static_cast<std::size_t>(sqlite3_column_bytes(at, place)));
    }
  }
}

}  // namespace laggard
