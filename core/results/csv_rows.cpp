#include "core/results/csv_rows.hpp"

#include "core/io/error.hpp"
#include "core/io/spec.hpp"
#include "core/problem/text_cursor.hpp"
#include "core/problem/text_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace laggard {
namespace {

namespace fs = std::filesystem;

// Columns that joined when results were kept already.
constexpr std::array<std::string_view, 4> kJoined = {"decode_rms", "decode_error", "decode_weight",
                                                     "disagreement"};

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

}  // namespace

CsvRows::CsvRows(const fs::path& directory, std::string_view name, std::string_view header,
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
    if (found == fields_.end() && std::ranges::find(kJoined, column) != kJoined.end()) {
      columns_.push_back(kAbsent);
      continue;
    }
    if (found == fields_.end())
      throw Error(
          fmt::format("{}: {}:1: no column {}; expected the results of a run of this version",
                      what_, file_.string(), column));
    columns_.push_back(static_cast<std::size_t>(found - fields_.begin()));
  }
  width_ = fields_.size();
}

bool CsvRows::next() {
  if (rest_.empty()) return false;
  split();
  if (fields_.size() != width_)
    fail(fmt::format("{} fields; expected {}, as in the heading", fields_.size(), width_));
  at_ = 0;
  return true;
}

void CsvRows::take(double& value) {
  const std::string_view field = text();
  value = kNaN;
  if (!field.empty() && !read(field, value)) fail_field(field, "a number");
}

void CsvRows::take(Time& time) {
  const std::string_view field = text();
  time = kForever;
  if (!field.empty() && !read_time(field, time)) fail_field(field, "seconds");
}

void CsvRows::fail_field(std::string_view field, std::string_view expected) const {
  fail(fmt::format("{}; expected {}", quote_for_message(field), expected));
}

// The fields of the next line, without the quotes of those that have any. What is quoted twice
// within them, as no file of ours does, stays so.
void CsvRows::split() {
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

bool CsvRows::read_time(std::string_view field, Time& time) {
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

void CsvRows::fail(const std::string& message) const {
  throw Error(fmt::format("{}: {}:{}: {}", what_, file_.string(), line_, message));
}

}  // namespace laggard
