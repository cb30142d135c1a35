#include "core/observe/digest.hpp"

#include <fmt/format.h>
#include <xxhash.h>

namespace laggard {

Digest::Digest() : state_(XXH3_createState()) { XXH3_64bits_reset(state_); }
Digest::~Digest() { XXH3_freeState(state_); }
void Digest::add(const void* data, std::size_t bytes) { XXH3_64bits_update(state_, data, bytes); }
std::uint64_t Digest::value() const { return XXH3_64bits_digest(state_); }

std::string to_hex(std::uint64_t digest) { return fmt::format("{:016x}", digest); }

}  // namespace laggard
