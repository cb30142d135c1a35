// A place that moves over a block of text, and knows its line and column.
#pragma once

#include "core/problem/text_blocks.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace laggard {

// The block is a window, which moves on over the stream where it is not whole. The text between
// at() and the next newline or blank can be scanned without looking for the end of the window:
// *limit is always a newline (the one that a last line may lack, at the end of the text), and after
// skip_blanks() at least kLongestToken characters follow, or all that are left.
class TextCursor {
 public:
  static constexpr std::size_t kLongestToken = 4096;

  // block: must outlive this; its first line is `line`. source: where a block that is not whole
  // goes on; none: for a block that is. file: for messages.
  TextCursor(const std::filesystem::path& file, TextBlock& block, std::int64_t line,
             TextBlocks* source);

  const char* at() const { return at_; }
  void move_to(const char* at) { at_ = at; }

  // Moves past blanks and tabs, and reads on where needed: pointers into the window are void after.
  void skip_blanks() {
    while (*at_ == ' ' || *at_ == '\t') ++at_;
    if (limit_ - at_ < static_cast<std::ptrdiff_t>(kLongestToken) && !ended_) skip_blanks_slowly();
  }

  // At a newline, or a carriage return before one. After skip_blanks().
  bool at_line_end() const { return *at_ == '\n' || (*at_ == '\r' && at_[1] == '\n'); }

  // Whether a token that was scanned up to `end` stopped at the end of the window, not at its own.
  bool is_cut(const char* end) const { return end == limit_ && !ended_; }

  // The end of the window; a newline stands there.
  const char* limit() const { return limit_; }

  // No text left. After skip_blanks().
  bool at_end() const { return ended_ && at_ >= limit_; }

  // Moves to the character after the next newline, reading on where needed.
  void next_line();

  // What is left of the window, once the stream was read on: it is of the blocks to come.
  bool has_read_on() const { return has_read_on_; }
  std::string_view rest() const { return {at_, static_cast<std::size_t>(limit_ - at_)}; }

  std::int64_t line() const { return line_; }
  std::int64_t column() const { return column_of(at_); }

  // The token at at() for a message: up to the next blank or newline, quoted, on one line.
  std::string shown_token() const;

  // Throws Error "file:line:column: message", with the place of at(). If the file turns out to be
  // damaged, that is the message: the text is wrong for no other reason.
  [[noreturn]] void fail(const std::string& message);
  // The same with another place.
  [[noreturn]] void fail(std::int64_t line, std::int64_t column, const std::string& message);

 private:
  void refill();
  void skip_blanks_slowly();
  std::string located(std::int64_t line, std::int64_t column, const std::string& message) const;
  std::int64_t column_of(const char* place) const {
    return window_offset_ + (place - window_) - line_offset_ + 1;
  }

  const std::filesystem::path& file_;
  TextBlocks* source_;
  char* window_;
  const char* at_;
  char* limit_;  // end of the text in the window; *limit_ == '\n'
  bool ended_;   // the window holds the last of the text
  bool has_read_on_ = false;
  std::int64_t window_offset_ = 0;  // behind the start of the block, of the window's
  std::int64_t line_;
  std::int64_t line_offset_ = 0;  // the same of the first character of the line
};

// `text` in quotes, shortened, with everything escaped that is not printable ASCII.
std::string quote_for_message(std::string_view text);

}  // namespace laggard
