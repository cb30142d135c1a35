#include "core/method/state_archive.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <utility>

namespace laggard {

static_assert(std::endian::native == std::endian::little, "states are little-endian");

void StateArchive::raw(void* data, std::size_t bytes) {
  if (!reading_) {
    written_.append(static_cast<const char*>(data), bytes);
    return;
  }
  if (bytes > rest_.size()) throw Error("ends too early");
  if (bytes > 0) std::memcpy(data, rest_.data(), bytes);
  rest_.remove_prefix(bytes);
}

void StateArchive::check_size(std::size_t size) {
  std::uint64_t stored = size;
  value(stored);
  if (stored != size)
    throw Error(fmt::format("holds {} numbers where this run has {}", stored, size));
}

void StateArchive::vector(Vector& numbers) {
  const auto size = static_cast<std::size_t>(numbers.size());
  check_size(size);
  raw(numbers.data(), sizeof(double) * size);
}

void StateArchive::shared(SharedVector& vector) {
  std::uint64_t number =
      reading_ ? 0 : known_.try_emplace(vector.get(), known_.size()).first->second;
  value(number);
  if (reading_ && number < vectors_.size()) {
    if (vectors_[number]->size() != vector->size())
      throw Error("mixes up vectors of several sizes");
    vector = vectors_[number];
    return;
  }
  if (!reading_) {
    if (number != vectors_.size()) return;  // written before
    vectors_.push_back(vector);             // keeps it alive: its address is its name
    Vector copy = *vector;
    return this->vector(copy);
  }
  if (number != vectors_.size()) throw Error("names a vector that is not in it");
  Vector numbers(vector->size());
  this->vector(numbers);
  vector = vectors_.emplace_back(std::make_shared<const Vector>(std::move(numbers)));
}

void StateArchive::text(std::string& text) {
  std::uint64_t size = text.size();
  value(size);
  if (reading_) {
    if (size > rest_.size()) throw Error("ends too early");
    text.resize(size);
  }
  raw(text.data(), text.size());
}

void StateArchive::finish() const {
  if (!rest_.empty()) throw Error(fmt::format("has {} bytes too many", rest_.size()));
}

}  // namespace laggard
