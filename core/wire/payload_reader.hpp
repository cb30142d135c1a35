// Takes a payload apart; every step checks that the bytes are there.
#pragma once

#include "core/wire/messages.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace laggard {

class PayloadReader {
 public:
  // `what` names the message in errors.
  PayloadReader(ByteSpan payload, const char* what) : rest_(payload), what_(what) {}
  // Of a frame whose tail is apart.
  PayloadReader(Frame& frame, const char* what)
      : rest_(frame.payload),
        what_(what),
        tail_(frame.header.tail_bytes > 0 ? &frame.tail : nullptr),
        tail_bytes_(frame.header.tail_bytes) {}

  template <class T>
  T number() {
    static_assert(std::is_arithmetic_v<T>);
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  template <std::size_t n>
  void bytes(std::array<std::byte, n>& out) {
    std::memcpy(out.data(), take(n).data(), n);
  }
  template <class T>
  void all(std::span<T> out) {
    const ByteSpan bytes = take(out.size_bytes());
    if (!out.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
  }

  bool flag(const char* name);
  double finite(const char* name);
  double positive(const char* name);
  std::int64_t not_negative(const char* name);
  std::int32_t index(const char* name, std::int64_t below);
  std::int64_t count(const char* name);  // at most 2^40
  Time elapsed(const char* name);        // at most a year
  Time duration(const char* name);       // the same, or kForever
  // `count` finite numbers.
  void numbers(const char* name, std::size_t count, Precision precision, Vector& out);
  // Those that end the message: its tail, where there is one.
  void last_numbers(const char* name, std::size_t count, Precision precision, Vector& out);
  ByteSpan bytes(const char* name, std::size_t count);
  // At most `most_bytes`; no control characters.
  void text(const char* name, std::size_t most_bytes, std::string& out);

  ByteSpan rest() const { return rest_; }
  void end();
  [[noreturn]] void fail(const char* name, const char* why) const;

 private:
  ByteSpan take(std::size_t size);

  ByteSpan rest_;
  const char* what_;
  Vector* tail_ = nullptr;  // not taken yet
  std::size_t tail_bytes_ = 0;
};

}  // namespace laggard
