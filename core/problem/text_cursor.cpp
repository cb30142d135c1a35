#include "core/problem/text_cursor.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>
#include <cstring>

namespace laggard {

TextCursor::TextCursor(const std::filesystem::path& file, TextBlock& block, std::int64_t line,
                       TextBlocks* source)
    : file_(file),
      source_(source),
      window_(block.bytes.data()),
      at_(window_),
      limit_(window_ + block.size),
      ended_(block.is_whole),
      line_(line) {}

void TextCursor::refill() {
  const auto rest = static_cast<std::size_t>(limit_ - at_);
  std::memmove(window_, at_, rest);
  window_offset_ += at_ - window_;
  at_ = window_;
  limit_ = window_ + rest;
  std::size_t count = 0;
  *limit_ = '\n';
  has_read_on_ = true;
  try {
    count = source_->read({limit_, TextBlock::kBytes - rest});
  } catch (const StreamFault& fault) {
    // The place is the end of what could be read, which may be some lines on.
    std::int64_t line = line_;
    std::int64_t column = column_of(limit_);
    for (const char* c = at_; c < limit_; ++c) {
      if (*c != '\n') continue;
      ++line;
      column = limit_ - c;
    }
    throw Error(located(line, column, fault.what()));
  }
  ended_ = count == 0;
  limit_ += count;
  *limit_ = '\n';
}

void TextCursor::skip_blanks_slowly() {
  while (limit_ - at_ < static_cast<std::ptrdiff_t>(kLongestToken) && !ended_) {
    refill();
    while (*at_ == ' ' || *at_ == '\t') ++at_;
  }
}

void TextCursor::next_line() {
  for (;;) {
    const auto rest = static_cast<std::size_t>(limit_ - at_);
    if (const void* newline = std::memchr(at_, '\n', rest)) {
      at_ = static_cast<const char*>(newline) + 1;
      break;
    }
    at_ = limit_;
    if (ended_) return;
    refill();
  }
  ++line_;
  line_offset_ = window_offset_ + (at_ - window_);
}

std::string TextCursor::shown_token() const {
  const char* end = at_;
  while (end < limit_ && *end != ' ' && *end != '\t' && *end != '\n' && *end != '\r') ++end;
  if (end == at_ && end < limit_ && *end == '\r') ++end;
  return quote_for_message({at_, static_cast<std::size_t>(end - at_)});
}

void TextCursor::fail(const std::string& message) { fail(line(), column(), message); }

void TextCursor::fail(std::int64_t line, std::int64_t column, const std::string& message) {
  try {
    if (source_) source_->verify_rest();
  } catch (const StreamFault& fault) {
    throw Error(located(line, column, fault.what()));
  }
  throw Error(located(line, column, message));
}

std::string TextCursor::located(std::int64_t line, std::int64_t column,
                                const std::string& message) const {
  return fmt::format("{}:{}:{}: {}", file_.string(), line, column, message);
}

std::string quote_for_message(std::string_view text) {
  constexpr std::size_t kShown = 40;
  std::string quoted = "\"";
  for (const char c : text.substr(0, kShown)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7e) {
      quoted += fmt::format("\\x{:02x}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + (text.size() > kShown ? "...\"" : "\"");
}

}  // namespace laggard
