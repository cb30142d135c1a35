#include "core/problem/buffer.hpp"

#include <sys/mman.h>
#include <unistd.h>
#include <cstdlib>
#include <cstring>

namespace laggard::detail {
namespace {

constexpr std::size_t kLarge = std::size_t{1} << 20;  // bytes

std::size_t page() {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

std::size_t whole_pages(std::size_t bytes) { return (bytes + page() - 1) / page() * page(); }

void release(void* memory, std::size_t bytes) {
  if (bytes < kLarge) {
    std::free(memory);
  } else {
    munmap(memory, whole_pages(bytes));
  }
}

void* obtain(std::size_t bytes) {
  void* const memory = bytes < kLarge ? std::malloc(bytes)
                                      : mmap(nullptr, whole_pages(bytes), PROT_READ | PROT_WRITE,
                                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (!memory || memory == MAP_FAILED) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* resize_memory(void* memory, std::size_t from_bytes, std::size_t to_bytes) {
  if (to_bytes == 0) {
    release(memory, from_bytes);
    return nullptr;
  }
  if (from_bytes >= kLarge && to_bytes >= kLarge) {
    void* const moved =
        mremap(memory, whole_pages(from_bytes), whole_pages(to_bytes), MREMAP_MAYMOVE);
    if (moved == MAP_FAILED) throw std::bad_alloc();
    return moved;
  }
  if (from_bytes < kLarge && to_bytes < kLarge) {
    void* const moved = std::realloc(memory, to_bytes);
    if (!moved) throw std::bad_alloc();
    return moved;
  }
  void* const moved = obtain(to_bytes);
  if (memory) std::memcpy(moved, memory, std::min(from_bytes, to_bytes));
  release(memory, from_bytes);
  return moved;
}

void forget_memory(void* memory, std::size_t bytes, std::size_t begin, std::size_t end) {
  if (bytes < kLarge) return;
  begin = whole_pages(begin);
  end = end / page() * page();
  if (begin < end) madvise(static_cast<char*>(memory) + begin, end - begin, MADV_DONTNEED);
}

}  // namespace laggard::detail
