// A growing array of plain values that never holds two copies of itself while it grows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace laggard {

namespace detail {

// As std::realloc, of memory that came from here, and to_bytes = 0 frees. What is large has pages
// of its own, whatever malloc is told: to grow they are moved, not copied. Throws std::bad_alloc.
void* resize_memory(void* memory, std::size_t from_bytes, std::size_t to_bytes);
// Gives back the pages that lie wholly within these bytes of it, if it has pages of its own.
void forget_memory(void* memory, std::size_t bytes, std::size_t begin, std::size_t end);

}  // namespace detail

// Like std::vector<T> for trivial T, but it grows without a copy: a data set is read with little
// more memory than it finally takes.
template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Buffer() = default;
  explicit Buffer(std::size_t size, T value = T{}) { resize(size, value); }
  Buffer(const Buffer& other) { append(other.view()); }
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer other) noexcept {
    swap(other);
    return *this;
  }
  ~Buffer() { reallocate(0); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& operator[](std::ptrdiff_t i) { return data_[i]; }
  const T& operator[](std::ptrdiff_t i) const { return data_[i]; }
  T& back() { return data_[size_ - 1]; }
  const T& back() const { return data_[size_ - 1]; }
  std::span<const T> view() const { return {data_, size_}; }

  void push_back(T value) {
    if (size_ == capacity_) reallocate(std::max<std::size_t>(16, grown()));
    data_[size_++] = value;
  }
  void append(std::span<const T> values) {
    if (size_ + values.size() > capacity_) reallocate(std::max(size_ + values.size(), grown()));
    std::copy(values.begin(), values.end(), data_ + size_);
    size_ += values.size();
  }
  void resize(std::size_t size, T value = T{}) {
    if (size > capacity_) reallocate(size);
    for (std::size_t i = size_; i < size; ++i) data_[i] = value;
    size_ = size;
  }
  // As resize(), but leaves the new elements unset: for an owner that writes them all, which with
  // several threads also lets each of them touch its own pages first.
  void resize_for_overwrite(std::size_t size) {
    if (size > capacity_) reallocate(size);
    size_ = size;
  }
  void reserve(std::size_t capacity) {
    if (capacity > capacity_) reallocate(capacity);
  }
  void shrink_to_fit() {
    if (size_ < capacity_) reallocate(size_);
  }
  // These elements are read no more: a large buffer gives their memory back.
  void forget(std::size_t begin, std::size_t end) {
    detail::forget_memory(data_, capacity_ * sizeof(T), begin * sizeof(T), end * sizeof(T));
  }

 private:
  std::size_t grown() const { return capacity_ + capacity_ / 4; }
  void swap(Buffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }
  void reallocate(std::size_t capacity) {
    if (capacity > std::size_t(PTRDIFF_MAX) / sizeof(T)) throw std::bad_alloc();
    data_ =
        static_cast<T*>(detail::resize_memory(data_, capacity_ * sizeof(T), capacity * sizeof(T)));
    capacity_ = capacity;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace laggard
