// The state of a run as bytes: one function of each class both writes and reads it.
#pragma once

#include "core/task/task.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

namespace laggard {

// Numbers are as the machine has them (little-endian, IEEE), so that they come back bit for bit.
// Reading throws Error, which says nothing of where the bytes are from, for bytes that end too
// early or hold vectors of another size than what is read into.
class StateArchive {
 public:
  StateArchive() = default;  // writes
  explicit StateArchive(std::string_view bytes)
      : reading_(true), rest_(bytes) {}  // must outlive it

  bool reading() const { return reading_; }

  template <class T>
    requires std::is_arithmetic_v<T>
  void value(T& number) {
    if constexpr (std::is_same_v<T, bool>) {
      std::uint8_t byte = number;
      raw(&byte, 1);
      number = byte != 0;
    } else {
      raw(&number, sizeof number);
    }
  }
  template <class T>
    requires std::is_arithmetic_v<T>
  void values(std::vector<T>& numbers) {
    check_size(numbers.size());
    raw(numbers.data(), sizeof(T) * numbers.size());
  }
  void vector(Vector& numbers);
  // Vectors that were one and the same when written are so when read.
  void shared(SharedVector& vector);
  void text(std::string& text);

  const std::string& bytes() const { return written_; }
  std::string take() { return std::move(written_); }
  // Reading: throws Error if anything is left.
  void finish() const;

 private:
  void raw(void* data, std::size_t bytes);
  void check_size(std::size_t size);

  bool reading_ = false;
  std::string written_;
  std::string_view rest_;
  std::unordered_map<const Vector*, std::uint64_t> known_;  // while writing: its number
  std::vector<SharedVector> vectors_;                       // by number
};

}  // namespace laggard
