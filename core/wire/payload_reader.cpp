#include "core/wire/payload_reader.hpp"

#include "core/problem/finite.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace laggard {
namespace {

void widen(ByteSpan floats, Vector& out) {
  with_widest_vectors([n = static_cast<std::size_t>(out.size()), from = floats.data(),
                       to = out.data()]() LAGGARD_INLINE {
    constexpr std::size_t kBlock = 256;
    float block[kBlock];
    for (std::size_t begin = 0; begin < n; begin += kBlock) {
      const std::size_t size = std::min(kBlock, n - begin);
      std::memcpy(block, from + begin * sizeof(float), size * sizeof(float));
      for (std::size_t i = 0; i < size; ++i) to[begin + i] = static_cast<double>(block[i]);
    }
  });
}

}  // namespace

void PayloadReader::fail(const char* name, const char* why) const {
  throw WireError(fmt::format("{}: {} {}", what_, name, why));
}

ByteSpan PayloadReader::take(std::size_t size) {
  if (size > rest_.size()) fail("the message", "ends too early");
  const ByteSpan bytes = rest_.first(size);
  rest_ = rest_.subspan(size);
  return bytes;
}

ByteSpan PayloadReader::bytes(const char* name, std::size_t count) {
  if (count > rest_.size()) fail(name, "is cut short");
  return take(count);
}

void PayloadReader::end() {
  if (!rest_.empty() || tail_) fail("the message", "goes on after its end");
}

bool PayloadReader::flag(const char* name) {
  const auto value = number<std::uint8_t>();
  if (value > 1) fail(name, "is neither 0 nor 1");
  return value == 1;
}

double PayloadReader::finite(const char* name) {
  const auto value = number<double>();
  if (!std::isfinite(value)) fail(name, "is not finite");
  return value;
}

double PayloadReader::positive(const char* name) {
  const double value = finite(name);
  if (value <= 0) fail(name, "is not above 0");
  return value;
}

std::int64_t PayloadReader::not_negative(const char* name) {
  const auto value = number<std::int64_t>();
  if (value < 0) fail(name, "is negative");
  return value;
}

std::int64_t PayloadReader::count(const char* name) {
  const std::int64_t value = not_negative(name);
  if (value > std::int64_t{1} << 40) fail(name, "is beyond all reason");
  return value;
}

Time PayloadReader::elapsed(const char* name) {
  const Time value = duration(name);
  if (value == kForever) fail(name, "is endless");
  return value;
}

Time PayloadReader::duration(const char* name) {
  constexpr Time kYear = std::chrono::hours(366 * 24);
  const Time value(not_negative(name));
  if (value > kYear && value != kForever) fail(name, "is beyond all reason");
  return value;
}

std::int32_t PayloadReader::index(const char* name, std::int64_t below) {
  const auto value = number<std::int32_t>();
  if (value < 0 || value >= below) fail(name, "is out of range");
  return value;
}

void PayloadReader::numbers(const char* name, std::size_t count, Precision precision, Vector& out) {
  // The division keeps a false count from being allocated, or from overflowing.
  if (count > rest_.size() / number_bytes(precision)) fail(name, "is cut short");
  const ByteSpan bytes = take(count * number_bytes(precision));
  out.resize(static_cast<Eigen::Index>(count));
  if (precision == Precision::f64) {
    if (count > 0) std::memcpy(out.data(), bytes.data(), bytes.size());
  } else {
    widen(bytes, out);
  }
  if (!all_finite(view(out))) fail(name, "has a number that is not finite");
}

void PayloadReader::last_numbers(const char* name, std::size_t count, Precision precision,
                                 Vector& out) {
  if (!tail_) return numbers(name, count, precision, out);
  if (!rest_.empty() || count != tail_bytes_ / number_bytes(precision) ||
      tail_bytes_ % number_bytes(precision) != 0)
    fail(name, "is not the end of the message");
  if (precision == Precision::f64) {
    out.swap(*tail_);
  } else {
    out.resize(static_cast<Eigen::Index>(count));
    widen(std::as_bytes(std::span(tail_->data(), static_cast<std::size_t>(tail_->size()))), out);
  }
  tail_ = nullptr;
  if (!all_finite(view(out))) fail(name, "has a number that is not finite");
}

void PayloadReader::text(const char* name, std::size_t most_bytes, std::string& out) {
  const auto size = number<std::uint32_t>();
  if (size > most_bytes) fail(name, "is too long");
  const ByteSpan bytes = take(size);
  const bool clean = std::all_of(bytes.begin(), bytes.end(), [](std::byte b) {
    return b >= std::byte{0x20} && b != std::byte{0x7f};
  });
  if (!clean) fail(name, "has a control character");
  out.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace laggard
