// A window that moves over a text stream, and knows the line and column of where it is.
#pragma once

#include "core/problem/text_stream.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// The text between at() and the next newline or blank can be scanned without looking for the end of
// the window: *limit is always a newline (the one that a last line may lack, at the end of the
// text), and after skip_blanks() at least kLongestToken characters follow, or all that are left.
class TextCursor {
 public:
  static constexpr std::size_t kLongestToken = 4096;

  // Opens `file`; throws Error if that cannot be done.
  explicit TextCursor(const std::filesystem::path& file);

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

  std::int64_t line() const { return line_; }
  std::int64_t column() const { return column_of(at_); }

  // SHA-256 of the whole text; once, at the end.
  std::string sha256() { return stream_.sha256(); }

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
    return window_offset_ + (place - window_.data()) - line_offset_ + 1;
  }

  std::string file_;
  TextStream stream_;
  std::vector<char> window_;
  const char* at_;
  char* limit_;                     // end of the text in the window; *limit_ == '\n'
  bool ended_ = false;              // the window holds the last of the text
  std::int64_t window_offset_ = 0;  // in the text, of the first character of the window
  std::int64_t line_ = 1;
  std::int64_t line_offset_ = 0;  // in the text, of the first character of the line
};

// `text` in quotes, shortened, with everything escaped that is not printable ASCII.
std::string quote_for_message(std::string_view text);

}  // namespace laggard
