#include "core/problem/svmlight.hpp"

#include "core/io/error.hpp"
#include "core/io/memory.hpp"
#include "core/problem/class_labels.hpp"
#include "core/problem/decimal.hpp"
#include "core/problem/text_cursor.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace laggard {
namespace {

constexpr std::int64_t kLargestIndex = (std::int64_t{1} << 31) - 2;
constexpr double kBytesPerNonzero = 12;
constexpr std::int64_t kNonzerosBetweenLooks = std::int64_t{1} << 22;
constexpr const char* kExpectedClasses =
    "expected -1/+1, 0/1 or 1/2 (use --loss squared or huber for real labels)";

bool ends_token(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '#'; }

// heart.svm.gz -> heart
std::string data_name(const std::filesystem::path& file) {
  constexpr std::array kCompressed = {".gz", ".xz"};
  constexpr std::array kText = {".svm", ".svmlight", ".libsvm", ".txt", ".dat", ".data"};
  const auto strip = [](std::filesystem::path& name, const auto& extensions) {
    const std::string extension = name.extension().string();
    if (std::ranges::find(extensions, extension) != extensions.end()) name.replace_extension();
  };
  std::filesystem::path name = file.filename();
  strip(name, kCompressed);
  strip(name, kText);
  return name.string();
}

class SvmlightReader {
 public:
  SvmlightReader(const std::filesystem::path& file, const ReadOptions& options)
      : file_(file),
        options_(options),
        cursor_(file),
        index_limit_(options.features ? *options.features : kLargestIndex) {
    if (!options.features) index_limit_ = std::min(index_limit_, most_features());
  }

  Dataset read() {
    data_.a.row_start.push_back(0);
    for (;;) {
      cursor_.skip_blanks();
      if (cursor_.at_end()) break;
      if (!at_row_end()) read_row();
      cursor_.next_line();
    }
    finish_labels();
    finish_matrix();
    data_.name = data_name(file_);
    data_.sha256 = cursor_.sha256();
    data_.identity = fmt::format("sha256:{},features={}{}", data_.sha256, data_.a.columns,
                                 options_.classification ? ",classes" : "");
    return std::move(data_);
  }

 private:
  bool at_row_end() const { return *cursor_.at() == '#' || cursor_.at_line_end(); }

  void read_row() {
    read_label();
    cursor_.skip_blanks();
    if (*cursor_.at() == 'q') skip_qid();
    std::int64_t previous = 0;
    while (!at_row_end()) {
      previous = read_entry(previous);
      cursor_.skip_blanks();
    }
    largest_index_ = std::max(largest_index_, previous);
    data_.a.row_start.push_back(data_.a.nonzeros());
    if (data_.a.nonzeros() >= next_look_) {
      next_look_ = data_.a.nonzeros() + kNonzerosBetweenLooks;
      if (available_memory() < 2.0 * kNonzerosBetweenLooks * kBytesPerNonzero)
        cursor_.fail(fmt::format(
            "the rows up to here take {}, and no memory is left for more; expected fewer rows",
            memory_text(kBytesPerNonzero * static_cast<double>(next_look_))));
    }
  }

  // That the memory which is left would hold the vectors of.
  std::int64_t most_features() const {
    if (options_.bytes_per_feature == 0) return kLargestIndex;
    return static_cast<std::int64_t>(std::min(available_memory() / options_.bytes_per_feature,
                                              static_cast<double>(kLargestIndex)));
  }

  void read_label() {
    double label = 0;
    const char* const start = cursor_.at();
    const char* const end = parse_decimal(start, cursor_.limit(), label);
    if (!end || !ends_token(*end) || cursor_.is_cut(end)) {
      fail("label {} is not a number; expected a number, then index:value pairs");
    }
    if (!std::isfinite(label)) fail("label {} is not finite; expected a finite number");
    const std::string_view text(start, static_cast<std::size_t>(end - start));
    if (data_.label.empty()) {
      first_label_ = text;
      first_label_line_ = cursor_.line();
      first_label_column_ = cursor_.column();
    }
    if (options_.classification && !classes_.accept(label)) {
      cursor_.fail(fmt::format("label {} with a classification loss; {}", text, kExpectedClasses));
    }
    data_.label.push_back(label);
    cursor_.move_to(end);
  }

  void skip_qid() {
    constexpr std::string_view kPrefix = "qid:";
    const char* p = cursor_.at();
    for (const char c : kPrefix) {
      if (*p++ != c) fail("{} after the label; expected index:value or qid:number");
    }
    const char* const digits = p;
    while (detail::is_digit(*p)) ++p;
    if (p == digits || !ends_token(*p) || cursor_.is_cut(p)) {
      fail("{} after the label; expected qid: and a whole number");
    }
    cursor_.move_to(p);
    cursor_.skip_blanks();
  }

  // Appends the entry at the cursor and moves behind it. Returns its index.
  std::int64_t read_entry(std::int64_t previous) {
    const char* const start = cursor_.at();
    const char* p = start;
    std::int64_t index = 0;
    for (; detail::is_digit(*p); ++p) {
      if (index <= kLargestIndex) index = 10 * index + (*p - '0');
    }
    if (p == start || *p != ':') fail_entry();
    if (index <= previous || index > index_limit_) fail_index({start, p}, index, previous);
    double value = 0;
    const char* const end = parse_decimal(++p, cursor_.limit(), value);
    if (!end || !ends_token(*end) || cursor_.is_cut(end)) {
      cursor_.move_to(p);
      fail("value {} is not a number; expected a number");
    }
    if (!std::isfinite(value)) {
      cursor_.move_to(p);
      fail("value {} is not finite; expected a finite number");
    }
    data_.a.column.push_back(static_cast<std::uint32_t>(index - 1));
    data_.a.value.push_back(value);
    cursor_.move_to(end);
    return index;
  }

  [[noreturn]] void fail_entry() {
    const char* p = cursor_.at();
    const bool negative = *p == '-';
    p += negative;
    const char* const digits = p;
    while (detail::is_digit(*p)) ++p;
    if (negative && p > digits && *p == ':') {
      fail("{} has a negative index; expected indices from 1");
    }
    fail("{}; expected index:value");
  }

  [[noreturn]] void fail_index(std::string_view text, std::int64_t index, std::int64_t previous) {
    const std::string shown =
        text.size() <= 20 ? std::string(text) : fmt::format("{}...", text.substr(0, 20));
    if (index == 0) cursor_.fail("index 0; expected indices from 1");
    if (index > kLargestIndex) {
      cursor_.fail(fmt::format("index {} is too large; expected at most {}", shown, kLargestIndex));
    }
    if (index == previous) {
      cursor_.fail(
          fmt::format("duplicate index {}; expected indices that rise within a row", shown));
    }
    if (index < previous) {
      cursor_.fail(fmt::format(
          "unsorted index {} after {}; expected indices that rise within a row", shown, previous));
    }
    if (!options_.features) {
      cursor_.fail(
          fmt::format("index {} makes vectors that take {}; expected at most {}, for which there "
                      "is memory ({})",
                      shown, memory_text(options_.bytes_per_feature * static_cast<double>(index)),
                      index_limit_, memory_text(available_memory())));
    }
    cursor_.fail(fmt::format("index {} is beyond --features {}; expected at most {}", shown,
                             index_limit_, index_limit_));
  }

  // `format` has one place for the token at the cursor.
  [[noreturn]] void fail(fmt::format_string<std::string> format) {
    cursor_.fail(fmt::format(format, cursor_.shown_token()));
  }

  void finish_labels() {
    if (data_.label.empty()) cursor_.fail("no samples; expected lines of label index:value ...");
    if (!options_.classification) return;
    if (!classes_.is_complete()) {
      cursor_.fail(first_label_line_, first_label_column_,
                   fmt::format("label {} throughout with a classification loss; {}", first_label_,
                               kExpectedClasses));
    }
    classes_.map(data_.label, data_.notices);
  }

  void finish_matrix() {
    if (!options_.features && largest_index_ == 0) {
      cursor_.fail(1, 1,
                   "no row has a feature; expected at least one, or --features to say how many");
    }
    data_.a.columns = static_cast<int>(options_.features ? *options_.features : largest_index_);
    data_.a.row_start.shrink_to_fit();
    data_.a.column.shrink_to_fit();
    data_.a.value.shrink_to_fit();
    data_.label.shrink_to_fit();
  }

  std::filesystem::path file_;
  ReadOptions options_;
  TextCursor cursor_;
  std::int64_t index_limit_;
  std::int64_t largest_index_ = 0;
  std::int64_t next_look_ = kNonzerosBetweenLooks;
  Dataset data_;
  ClassLabels classes_;
  std::string first_label_;
  std::int64_t first_label_line_ = 0;
  std::int64_t first_label_column_ = 0;
};

}  // namespace

Dataset read_svmlight(const std::filesystem::path& file, const ReadOptions& options) {
  if (options.features && (*options.features < 1 || *options.features > kLargestIndex)) {
    throw Error(fmt::format("--features: {} is out of range; expected an integer from 1 to {}",
                            *options.features, kLargestIndex));
  }
  const double vectors = options.bytes_per_feature * options.features.value_or(0);
  if (vectors > available_memory()) {
    throw Error(
        fmt::format("--features: {} makes vectors that take {}; expected no more than the {} of "
                    "memory there is",
                    *options.features, memory_text(vectors), memory_text(available_memory())));
  }
  return SvmlightReader(file, options).read();
}

}  // namespace laggard
