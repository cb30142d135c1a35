// A file of SQLite.
#pragma once

#include <boost/json/value.hpp>

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace laggard {

// What SQLite says, with its code.
struct DatabaseFault : std::runtime_error {
  DatabaseFault(int result, const std::string& message)
      : std::runtime_error(message), code(result) {}
  int code;

  bool is_foreign() const;  // the file is none of SQLite
  bool is_damaged() const;
};

class Statement;

// Throws DatabaseFault.
class Database {
 public:
  // Without `writable` the file must be there.
  Database(const std::filesystem::path& file, bool writable);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void execute(const std::string& sql);
  std::int64_t number(const std::string& sql);  // the one that a query of one number gives
  Statement prepare(const std::string& sql);

 private:
  sqlite3* handle_ = nullptr;
};

// Bound from 1, read from 0. Throws DatabaseFault.
class Statement {
 public:
  Statement(sqlite3* database, const std::string& sql);

  void bind(int place, const boost::json::value& value);  // null, a number, or text
  bool step();                                            // false: no row is left
  void reset();
  boost::json::value column(int place) const;

 private:
  sqlite3* database_;
  std::shared_ptr<sqlite3_stmt> statement_;
};

}  // namespace laggard
