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
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

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

// Rows that were read, and what is to be known of them.
struct ReadRows {
  Csr a;
  Buffer<double> label;
  std::int64_t largest_index = 0;
  std::int64_t next_look = kNonzerosBetweenLooks;
  ClassLabels classes;
  std::string first_label;
  std::int64_t first_label_line = 0;
  std::int64_t first_label_column = 0;

  ReadRows() { a.row_start.push_back(0); }

  // Puts later ones behind these. False if that needs a look at each of them.
  bool append(const ReadRows& later, bool classification) {
    const std::int64_t before = a.nonzeros();
    if (label.empty() || before + later.a.nonzeros() >= next_look) return false;
    if (classification && !classes.append(later.classes)) return false;
    for (const std::int64_t start : later.a.row_start.view().subspan(1))
      a.row_start.push_back(before + start);
    a.column.append(later.a.column.view());
    a.value.append(later.a.value.view());
    label.append(later.label.view());
    largest_index = std::max(largest_index, later.largest_index);
    return true;
  }

  // Keeps the memory.
  void clear() {
    a.row_start.resize(1);
    a.column.resize(0);
    a.value.resize(0);
    label.resize(0);
    largest_index = 0;
    classes = {};
  }
};

// Reads rows from a cursor, behind those that there are.
class RowParser {
 public:
  RowParser(const ReadOptions& options, std::int64_t index_limit, TextCursor& cursor,
            ReadRows& rows)
      : options_(options), cursor_(cursor), index_limit_(index_limit), rows_(rows) {}

  // To the end of the cursor's block; where the cursor has to read on for a line, to its end.
  void read() {
    do {
      cursor_.skip_blanks();
      if (cursor_.at_end()) break;
      if (!at_row_end()) read_row();
      cursor_.next_line();
    } while (!cursor_.has_read_on());
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
    rows_.largest_index = std::max(rows_.largest_index, previous);
    rows_.a.row_start.push_back(rows_.a.nonzeros());
    if (rows_.a.nonzeros() >= rows_.next_look) {
      rows_.next_look = rows_.a.nonzeros() + kNonzerosBetweenLooks;
      if (available_memory() < 2.0 * kNonzerosBetweenLooks * kBytesPerNonzero)
        cursor_.fail(fmt::format(
            "the rows up to here take {}, and no memory is left for more; expected fewer rows",
            memory_text(kBytesPerNonzero * static_cast<double>(rows_.next_look))));
    }
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
    if (rows_.label.empty()) {
      rows_.first_label = text;
      rows_.first_label_line = cursor_.line();
      rows_.first_label_column = cursor_.column();
    }
    if (options_.classification && !rows_.classes.accept(label)) {
      cursor_.fail(fmt::format("label {} with a classification loss; {}", text, kExpectedClasses));
    }
    rows_.label.push_back(label);
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
    rows_.a.column.push_back(static_cast<std::uint32_t>(index - 1));
    rows_.a.value.push_back(value);
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

  const ReadOptions& options_;
  TextCursor& cursor_;
  const std::int64_t index_limit_;
  ReadRows& rows_;
};

// A block of text, and its rows if they could be read without what comes before it.
struct BlockAhead {
  TextBlock text;
  bool is_taken = false;
  bool is_parsed = false;
  ReadRows rows;
  std::int64_t lines = 0;
};

// Where two threads read, they take turns: in its turn each joins the rows of its block to those
// before, and takes the next block, which it parses while the other has its turn. A block that is
// refused, or whose labels are, is parsed again in its turn: that finds the first thing wrong in
// the file, and its line.
class SvmlightReader {
 public:
  SvmlightReader(const std::filesystem::path& file, const ReadOptions& options)
      : file_(file),
        options_(options),
        blocks_(file),
        index_limit_(options.features ? *options.features : most_features()) {}

  Dataset read() {
    BlockAhead first;
    blocks_.fill(first.text);
    first.is_taken = true;
    join(first);
    if (!blocks_.at_end()) read_in_turns(std::move(first));
    finish_labels();
    finish_matrix();
    data_.name = data_name(file_);
    data_.sha256 = blocks_.sha256();
    data_.identity = fmt::format("sha256:{},features={}{}", data_.sha256, data_.a.columns,
                                 options_.classification ? ",classes" : "");
    return std::move(data_);
  }

 private:
  // That the memory which is left would hold the vectors of.
  std::int64_t most_features() const {
    if (options_.bytes_per_feature == 0) return kLargestIndex;
    return static_cast<std::int64_t>(std::min(available_memory() / options_.bytes_per_feature,
                                              static_cast<double>(kLargestIndex)));
  }

  void read_in_turns(BlockAhead block) {
    threads_ = options_.threads > 1 ? 2 : 1;
    {
      std::jthread other;
      if (threads_ == 2) other = std::jthread([this] { take_turns(1, {}); });
      take_turns(0, std::move(block));
    }
    if (error_) std::rethrow_exception(error_);
  }

  void take_turns(int own, BlockAhead block) {
    for (bool goes_on = true; goes_on;) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return turn_ == own; });
        goes_on = take_turn(block);
        turn_ = (turn_ + 1) % threads_;
      }
      changed_.notify_one();
      if (threads_ > 1) parse_ahead(block);
    }
  }

  // False if the thread is to have no other one.
  bool take_turn(BlockAhead& block) {
    if (error_) return false;
    try {
      join(block);
      if (reads_on_) return true;  // the other's block, in its turn
      if (blocks_.at_end()) return false;
      blocks_.fill(block.text);
      block.is_taken = true;
      reads_on_ = !block.text.is_whole;
      return true;
    } catch (...) {
      error_ = std::current_exception();
      return false;
    }
  }

  void join(BlockAhead& block) {
    if (!std::exchange(block.is_taken, false)) return;
    if (std::exchange(block.is_parsed, false) &&
        rows_.append(block.rows, options_.classification)) {
      end_line_ += block.lines;
      return;
    }
    TextCursor cursor(file_, block.text, end_line_, &blocks_);
    RowParser(options_, index_limit_, cursor, rows_).read();
    end_line_ = cursor.line();
    end_column_ = cursor.column();
    if (cursor.has_read_on()) blocks_.give_back(cursor.rest());
    if (!block.text.is_whole) reads_on_ = false;
  }

  void parse_ahead(BlockAhead& block) const {
    if (!block.is_taken || !block.text.is_whole) return;
    block.rows.clear();
    TextCursor cursor(file_, block.text, 1, nullptr);
    try {
      RowParser(options_, index_limit_, cursor, block.rows).read();
      block.lines = cursor.line() - 1;
      block.is_parsed = true;
    } catch (const std::exception&) {
      // It is said in the block's turn.
    }
  }

  [[noreturn]] void fail(std::int64_t line, std::int64_t column, const std::string& message) {
    TextBlock none;
    TextCursor(file_, none, line, &blocks_).fail(line, column, message);
  }

  void finish_labels() {
    if (rows_.label.empty())
      fail(end_line_, end_column_, "no samples; expected lines of label index:value ...");
    data_.label = std::move(rows_.label);
    if (!options_.classification) return;
    if (!rows_.classes.is_complete()) {
      fail(rows_.first_label_line, rows_.first_label_column,
           fmt::format("label {} throughout with a classification loss; {}", rows_.first_label,
                       kExpectedClasses));
    }
    rows_.classes.map(data_.label, data_.notices);
  }

  void finish_matrix() {
    if (!options_.features && rows_.largest_index == 0) {
      fail(1, 1, "no row has a feature; expected at least one, or --features to say how many");
    }
    data_.a = std::move(rows_.a);
    data_.a.columns =
        static_cast<int>(options_.features ? *options_.features : rows_.largest_index);
    data_.a.row_start.shrink_to_fit();
    data_.a.column.shrink_to_fit();
    data_.a.value.shrink_to_fit();
    data_.label.shrink_to_fit();
  }

  const std::filesystem::path& file_;
  const ReadOptions& options_;
  TextBlocks blocks_;
  const std::int64_t index_limit_;
  ReadRows rows_;
  // Behind what was joined; the column where there are no rows yet.
  std::int64_t end_line_ = 1, end_column_ = 1;
  Dataset data_;

  // All above is that thread's whose turn it is.
  std::mutex mutex_;
  std::condition_variable changed_;
  int threads_ = 1;
  int turn_ = 0;
  bool reads_on_ = false;  // the block that was taken last, in its turn
  std::exception_ptr error_;
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
