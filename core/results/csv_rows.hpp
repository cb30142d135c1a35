// A CSV file that a run wrote, row by row, its columns found by their names.
#pragma once

#include "core/task/types.hpp"

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// Reads NAME, or of a run that did not end the whole rows of NAME.part. All of it throws Error,
// beginning with `what`, for a file that is not there, lacks a column or holds what is no row.
class CsvRows {
 public:
  // `header` names the columns that are wanted, with a newline at its end; one that joined when
  // results were kept already is empty where a file lacks it. `what` must outlive this.
  CsvRows(const std::filesystem::path& directory, std::string_view name, std::string_view header,
          std::string_view what);

  // False at the end. Then the fields are taken one after the other, in the order of `header`.
  bool next();

  std::string_view text() {
    const std::size_t column = columns_[at_++];
    return column == kAbsent ? std::string_view() : fields_[column];
  }
  void skip() { ++at_; }

  template <class Integer>
  void take(Integer& value) {
    const std::string_view field = text();
    if (!read(field, value)) fail_field(field, "a number");
  }
  // NaN for an empty field.
  void take(double& value);
  // Exactly; kForever for an empty field.
  void take(Time& time);

  [[noreturn]] void fail_field(std::string_view field, std::string_view expected) const;

 private:
  template <class Number>
  static bool read(std::string_view field, Number& value) {
    const char* const stop = field.data() + field.size();
    const auto [end, error] = std::from_chars(field.data(), stop, value);
    return error == std::errc() && end == stop;
  }
  static constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);
  static bool read_time(std::string_view field, Time& time);
  void split();
  [[noreturn]] void fail(const std::string& message) const;

  std::filesystem::path file_;
  std::string_view what_;
  std::string text_;
  std::string_view rest_;
  int line_ = 0;
  std::vector<std::string_view> fields_;  // of the line
  std::vector<std::size_t> columns_;      // of those that are wanted
  std::size_t width_ = 0;
  std::size_t at_ = 0;  // the next of columns_
};

}  // namespace laggard
