#include "core/wire/ballast.hpp"

#include "core/task/random.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace laggard {
namespace {

static_assert(std::endian::native == std::endian::little, "words are copied as they are");

constexpr std::uint64_t kSeed = 1;  // the ids of a run's tasks tell its messages apart
using Block = std::array<std::uint32_t, 4>;

Block block_of(TaskId id, std::size_t number) {
  return philox(kSeed, Stream::payload, static_cast<std::uint64_t>(id),
                static_cast<std::uint32_t>(number));
}

}  // namespace

void append_ballast(TaskId id, std::int64_t bytes, Bytes& out) {
  const std::size_t begin = out.size();
  out.resize(begin + static_cast<std::size_t>(bytes));
  for (std::size_t at = begin; at < out.size(); at += sizeof(Block)) {
    const Block block = block_of(id, (at - begin) / sizeof(Block));
    std::memcpy(out.data() + at, block.data(), std::min(sizeof block, out.size() - at));
  }
}

bool is_ballast(TaskId id, ByteSpan bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(Block)) {
    const Block block = block_of(id, at / sizeof(Block));
    const std::size_t size = std::min(sizeof block, bytes.size() - at);
    if (std::memcmp(bytes.data() + at, block.data(), size) != 0) return false;
  }
  return true;
}

}  // namespace laggard
