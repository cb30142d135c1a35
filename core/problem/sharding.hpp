// Which sample belongs to which shard.
#pragma once

#include "core/problem/dataset.hpp"

#include <cstdint>
#include <string_view>

namespace laggard {

enum class Sharding { contiguous, round_robin, shuffle };
std::string_view to_string(Sharding sharding);

// Returns the data with its rows ordered so that shard p is the rows floor(N p / P) ..
// floor(N (p+1) / P) - 1. contiguous: unchanged. round_robin: sample n goes to shard n mod P where
// the sizes allow it (deal rows to shards in turn, a full shard is passed over). shuffle: a random
// permutation by `seed`, counter-based. Every sample is kept exactly once, whatever P. Two threads
// are used at most.
Dataset arrange(Dataset data, Sharding sharding, int shards, std::uint64_t seed, int threads = 1);

// The samples of shard p in the order in which arrange() has its rows, for who makes or reads that
// shard alone. shuffle takes the time and the memory of the whole permutation: 8 bytes a sample.
Buffer<std::int64_t> samples_of_shard(std::int64_t samples, Sharding sharding, int shards,
                                      std::uint64_t seed, int p);

// Takes floor(ratio N) random rows out of `data` and returns them; both parts keep the order of the
// rows. 0 < ratio < 1.                                                                  [math 17.3]
Dataset hold_out(Dataset& data, double ratio, std::uint64_t seed);

}  // namespace laggard
