// A running 64-bit hash (XXH3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace laggard {

// Each piece is hashed with the value so far as seed, so that the value is all there is to keep.
class Digest {
 public:
  explicit Digest(std::uint64_t value = 0) : value_(value) {}
  void add(const void* data, std::size_t bytes);
  void add(std::int64_t value) { add(&value, sizeof value); }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_;
};

// Sixteen hexadecimal digits.
std::string to_hex(std::uint64_t digest);

}  // namespace laggard
