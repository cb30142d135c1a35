#include "core/results/digest.hpp"

#include <fmt/format.h>
#include <xxhash.h>

namespace laggard {

void Digest::add(const void* data, std::size_t bytes) {
  value_ = XXH3_64bits_withSeed(data, bytes, value_);
}

std::string to_hex(std::uint64_t digest) { return fmt::format("{:016x}", digest); }

}  // namespace laggard
