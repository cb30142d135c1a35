// Builds one frame at the end of a buffer.
#pragma once

#include "core/wire/messages.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace laggard {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

inline constexpr std::size_t kFieldBytes =
    128;  // more than the fields of fixed size of a message take

inline constexpr std::size_t kChecksumAt = kFrameHeaderBytes - sizeof(std::uint64_t);
std::uint64_t tail_checksum(ByteSpan tail);
// header: what is before the checksum, at least.
std::uint64_t frame_checksum(ByteSpan header, ByteSpan payload, std::uint64_t of_tail);

class FrameWriter {
 public:
  // payload_bytes: about what will follow, so that the buffer grows once.
  FrameWriter(MessageKind kind, Bytes& out, std::size_t payload_bytes)
      : out_(out), begin_(out.size()) {
    const std::size_t needed = begin_ + kFrameHeaderBytes + payload_bytes;
    if (needed > out.capacity()) out.reserve(std::max(needed, 2 * begin_));
    put(kMagic);
    put(kWireVersion);
    put(static_cast<std::uint16_t>(kind));
    put(std::uint64_t{0});
    put(std::uint64_t{0});
    put(std::uint64_t{0});
  }

  template <class T>
  void put(T value) {
    static_assert(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>);
    put_raw(&value, sizeof value);
  }
  void put(bool value) { put(static_cast<std::uint8_t>(value)); }
  void put(Time value) { put(static_cast<std::int64_t>(value.count())); }
  template <std::size_t n>
  void put(const std::array<std::byte, n>& bytes) {
    put_raw(bytes.data(), n);
  }
  template <class T>
  void put_all(std::span<const T> values) {
    put_raw(values.data(), values.size_bytes());
  }

  void put_numbers(const Vector& values, Precision precision) {
    const std::size_t count = static_cast<std::size_t>(values.size());
    const std::size_t at = out_.size();
    out_.resize(at + count * number_bytes(precision));
    if (precision == Precision::f64) {
      if (count > 0) std::memcpy(out_.data() + at, values.data(), count * sizeof(double));
      return;
    }
    for (std::size_t i = 0; i < count; ++i) {
      const auto number = static_cast<float>(values.data()[i]);
      std::memcpy(out_.data() + at + i * sizeof number, &number, sizeof number);
    }
  }

  // Their number, and they.
  void put_vector(const Vector& values, Precision precision) {
    put(static_cast<std::uint32_t>(values.size()));
    put_numbers(values, precision);
  }
  void put_counted(std::span<const double> values) {
    put(static_cast<std::uint32_t>(values.size()));
    put_all(values);
  }

  void put_bytes(std::string_view text) {
    put(static_cast<std::uint32_t>(text.size()));
    put_raw(text.data(), text.size());
  }

  // For people: one line of at most kTextBytes.
  void put_text(std::string_view text) {
    if (text.size() > kTextBytes) {
      std::size_t size = kTextBytes;
      while (size > 0 && (text[size] & '\xC0') == '\x80') --size;  // not within a character
      text = text.substr(0, size);
    }
    const std::size_t at = out_.size() + sizeof(std::uint32_t);
    put_bytes(text);
    for (std::size_t i = at; i < out_.size(); ++i)
      if (out_[i] < std::byte{0x20} || out_[i] == std::byte{0x7f}) out_[i] = std::byte{' '};
  }

  // Fills in the header; the frame is complete, but for the tail where there is one.
  void finish(const Tail* tail = nullptr) {
    const std::span<std::byte> frame = std::span(out_).subspan(begin_);
    const std::uint64_t tail_bytes = tail ? tail->bytes().size() : 0;
    const std::uint64_t size = frame.size() - kFrameHeaderBytes + tail_bytes;
    std::memcpy(frame.data() + 8, &size, sizeof size);
    std::memcpy(frame.data() + 16, &tail_bytes, sizeof tail_bytes);
    const std::uint64_t sum = frame_checksum(frame, frame.subspan(kFrameHeaderBytes),
                                             tail_bytes > 0 ? tail->checksum : 0);
    std::memcpy(frame.data() + kChecksumAt, &sum, sizeof sum);
  }

 private:
  void put_raw(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const std::byte*>(data);
    out_.insert(out_.end(), bytes, bytes + size);
  }

  Bytes& out_;
  std::size_t begin_;
};

}  // namespace laggard
