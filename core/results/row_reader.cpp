#include "core/results/row_reader.hpp"

#include "core/io/error.hpp"
#include "core/io/spec.hpp"
#include "core/problem/text_cursor.hpp"
#include "core/problem/text_stream.hpp"
#include "core/results/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

namespace laggard {
namespace {

namespace fs = std::filesystem;

// Of a file that its writer did not complete: all that can be read of it, up to the last whole row.
std::string text_of_part(const fs::path& file) {
  std::string text;
  try {
    TextStream stream(file);
    constexpr std::size_t kPiece = std::size_t{1} << 16;
    for (std::size_t got = 1; got > 0;) {
      const std::size_t size = text.size();
      text.resize(size + kPiece);
      try {
        got = stream.read(std::span(text).subspan(size));
      } catch (const StreamFault&) {
        got = 0;  // it ends in the midst of something
      }
      text.resize(size + got);
    }
  } catch (const Error&) {
    text.clear();  // not even the beginning is there
  }
  const std::size_t end = text.rfind('\n');
  text.resize(end == text.npos ? 0 : end + 1);
  return text;
}

// A CSV file that a run wrote, row by row, its columns found by their names.
class CsvRows {
 public:
  // `header` names the columns that are wanted.
  CsvRows(const fs::path& directory, std::string_view name, std::string_view header,
          std::string_view what)
      : file_(directory / name), what_(what) {
    const fs::path part = directory / fmt::format("{}.part", name);
    if (fs::is_regular_file(file_)) {
      try {
        text_ = whole_text(file_);
      } catch (const StreamFault& error) {
        throw Error(fmt::format("{}: {}: {}", what_, file_.string(), error.what()));
      }
    } else if (fs::is_regular_file(part)) {
      file_ = part;
      text_ = text_of_part(file_);
    } else {
      throw Error(fmt::format("{}: {}: no such file; expected the folder of a finished run", what_,
                              file_.string()));
    }
    rest_ = text_;
    if (rest_.empty()) return;
    split();
    for (const std::string_view column : split_list(header.substr(0, header.size() - 1))) {
      const auto found = std::find(fields_.begin(), fields_.end(), column);
      if (found == fields_.end())
        throw Error(
            fmt::format("{}: {}:1: no column {}; expected the results of a run of this version",
                        what_, file_.string(), column));
      columns_.push_back(static_cast<std::size_t>(found - fields_.begin()));
    }
    width_ = fields_.size();
  }

  // False at the end. Then the fields are taken one after the other, in the order of `header`.
  bool next() {
    if (rest_.empty()) return false;
    split();
    if (fields_.size() != width_)
      fail(fmt::format("{} fields; expected {}, as in the heading", fields_.size(), width_));
    at_ = 0;
    return true;
  }

  std::string_view text() { return fields_[columns_[at_++]]; }
  void skip() { ++at_; }

  template <class Integer>
  void take(Integer& value) {
    const std::string_view field = text();
    if (!read(field, value)) fail_field(field, "a number");
  }
  // NaN for an empty field.
  void take(double& value) {
    const std::string_view field = text();
    value = kNaN;
    if (!field.empty() && !read(field, value)) fail_field(field, "a number");
  }
  // Exactly; kForever for an empty field.
  void take(Time& time) {
    const std::string_view field = text();
    time = kForever;
    if (!field.empty() && !read_time(field, time)) fail_field(field, "seconds");
  }

  [[noreturn]] void fail_field(std::string_view field, std::string_view expected) const {
    fail(fmt::format("{}; expected {}", quote_for_message(field), expected));
  }

 private:
  // The fields of the next line, without the quotes of those that have any. What is quoted twice
  // within them, as no file of ours does, stays so.
  void split() {
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == rest_.npos ? rest_.size() : end + 1);
    ++line_;
    fields_.clear();
    for (;;) {
      const bool quoted = line.starts_with('"');
      std::size_t comma = line.find(quoted ? "\"," : ",");
      const bool last = comma == line.npos;
      if (last) comma = line.size() - (quoted && line.size() > 1 ? 1 : 0);
      fields_.push_back(line.substr(quoted ? 1 : 0, comma - (quoted ? 1 : 0)));
      if (last) return;
      line.remove_prefix(comma + (quoted ? 2 : 1));
    }
  }

  template <class Number>
  static bool read(std::string_view field, Number& value) {
    const char* const stop = field.data() + field.size();
    const auto [end, error] = std::from_chars(field.data(), stop, value);
    return error == std::errc() && end == stop;
  }

  static bool read_time(std::string_view field, Time& time) {
    const std::size_t point = std::min(field.find('.'), field.size());
    const std::string_view whole = field.substr(0, point);
    const std::string_view decimals = field.substr(std::min(point + 1, field.size()));
    std::int64_t seconds = 0;
    std::uint64_t nanoseconds = 0;
    constexpr std::int64_t kMost = 9'000'000'000;  // what nanoseconds of 64 bits hold
    if (!read(whole, seconds) || seconds > kMost || seconds < -kMost || decimals.size() > 9)
      return false;
    if (point < field.size() && !read(decimals, nanoseconds)) return false;
    for (std::size_t digits = decimals.size(); digits < 9; ++digits) nanoseconds *= 10;
    const auto rest = static_cast<std::int64_t>(nanoseconds);
    time = Time(seconds * 1'000'000'000 + (field.starts_with('-') ? -rest : rest));
    return true;
  }

  [[noreturn]] void fail(const std::string& message) const {
    throw Error(fmt::format("{}: {}:{}: {}", what_, file_.string(), line_, message));
  }

  fs::path file_;
  std::string_view what_;
  std::string text_;
  std::string_view rest_;
  int line_ = 0;
  std::vector<std::string_view> fields_;  // of the line
  std::vector<std::size_t> columns_;      // of those that are wanted
  std::size_t width_ = 0;
  std::size_t at_ = 0;  // the next of columns_
};

Outcome read_outcome(CsvRows& rows) {
  const std::string_view text = rows.text();
  for (const Outcome outcome : {Outcome::accepted, Outcome::discarded, Outcome::revoked,
                                Outcome::failed, Outcome::unfinished})
    if (text == to_string(outcome)) return outcome;
  rows.fail_field(text, "the outcome of a task");
}

}  // namespace

std::vector<RoundRow> read_rounds(const fs::path& directory, std::string_view what) {
  CsvRows rows(directory, "iterations.csv", kIterationsHeader, what);
  std::vector<RoundRow> all;
  while (rows.next()) {
    RoundRow& row = all.emplace_back();
    rows.take(row.round);
    rows.take(row.at);
    for (double* const value :
         {&row.wall_seconds, &row.objective, &row.gap, &row.primal, &row.dual, &row.rho})
      rows.take(*value);
    for (int* const value : {&row.accepted, &row.discarded, &row.staleness_max, &row.age_max})
      rows.take(*value);
    rows.take(row.bytes_up);
    rows.take(row.bytes_down);
  }
  return all;
}

std::vector<TaskRow> read_tasks(const fs::path& directory, std::string_view what) {
  CsvRows rows(directory, "workers.csv.gz", kWorkersHeader, what);
  std::vector<TaskRow> all;
  while (rows.next()) {
    TaskRow& row = all.emplace_back();
    for (int* const value : {&row.round, &row.worker, &row.shard}) rows.take(*value);
    for (Time* const time : {&row.dispatched, &row.started, &row.finished, &row.arrived})
      rows.take(*time);
    rows.skip();  // compute
    rows.take(row.pause);
    rows.take(row.idle);
    for (int column = 0; column < 3; ++column) rows.skip();  // delay, communication, queueing
    rows.take(row.passes);
    rows.take(row.inner_iterations);
    rows.take(row.staleness);
    row.outcome = read_outcome(rows);
  }
  return all;
}

std::vector<LifeRow> read_lives(const fs::path& directory, std::string_view what) {
  CsvRows rows(directory, "fleet.csv", kFleetHeader, what);
  std::vector<LifeRow> all;
  while (rows.next()) {
    LifeRow& row = all.emplace_back();
    rows.take(row.key.worker);
    rows.take(row.key.incarnation);
    for (Time* const time : {&row.invoked, &row.connected, &row.ready, &row.ended})
      rows.take(*time);
    rows.skip();  // cold_start
    int cold = 0;
    rows.take(cold);
    row.cold = cold != 0;
    row.end = rows.text();
  }
  return all;
}

}  // namespace laggard
