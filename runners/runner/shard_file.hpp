// All shards of a problem in one file, from which workers fetch their own by a byte range.
#pragma once

#include "core/problem/problem.hpp"
#include "core/wire/work.hpp"

#include <atomic>
#include <filesystem>
#include <vector>

namespace laggard {

// Where each shard lies in such a file, and the SHA-256 of its bytes. A pure function of the
// problem, so the file need not be read.
std::vector<ShardRange> shard_ranges(const Problem& problem);

// Writes the file, whole or not at all. Throws Error naming it, and once `interrupted` is true.
void write_shard_file(const Problem& problem, const std::filesystem::path& file,
                      const std::atomic<bool>& interrupted);

// --shard-source as the worker is told it. `synthetic`: whether workers can make their rows
// themselves. Names of hosts are resolved here. Throws Error.
ShardSource parse_shard_source(const std::string& text, bool synthetic);

}  // namespace laggard
