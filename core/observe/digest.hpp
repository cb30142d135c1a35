// A running 64-bit hash (XXH3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

struct XXH3_state_s;

namespace laggard {

class Digest {
 public:
  Digest();
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  void add(const void* data, std::size_t bytes);
  void add(std::int64_t value) { add(&value, sizeof value); }
  std::uint64_t value() const;

 private:
  XXH3_state_s* state_;
};

// Sixteen hexadecimal digits.
std::string to_hex(std::uint64_t digest);

}  // namespace laggard
