#include "core/results/digest.hpp"

#include "core/problem/xxh3.hpp"

#include <fmt/format.h>

namespace laggard {

void Digest::add(const void* data, std::size_t bytes) { value_ = xxh3(data, bytes, value_); }

std::string to_hex(std::uint64_t digest) { return fmt::format("{:016x}", digest); }

}  // namespace laggard
