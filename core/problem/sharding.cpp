#include "core/problem/sharding.hpp"

#include "core/error.hpp"
#include "core/random.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <numeric>
#include <utility>

namespace laggard {
namespace {

// The first row of shard p; the same rule as Problem::shard.
std::int64_t first_row(std::int64_t samples, int shards, int p) { return samples * p / shards; }

// Both return, for each place in the new order, the sample that goes there.

Buffer<std::int64_t> deal_in_turn(std::int64_t samples, int shards) {
  Buffer<std::int64_t> order;
  order.resize_for_overwrite(static_cast<std::size_t>(samples));
  // Sizes differ by one at most, so dealing in turn passes over full shards in the last lap only:
  // there the larger shards take the remaining samples in their order.
  const std::int64_t laps = samples / shards;
  std::int64_t remaining = laps * shards;
  for (int p = 0; p < shards; ++p) {
    const std::int64_t begin = first_row(samples, shards, p);
    for (std::int64_t lap = 0; lap < laps; ++lap) order[begin + lap] = lap * shards + p;
    if (first_row(samples, shards, p + 1) - begin > laps) order[begin + laps] = remaining++;
  }
  return order;
}

Buffer<std::int64_t> permute(std::int64_t samples, std::uint64_t seed) {
  Buffer<std::int64_t> order;
  order.resize_for_overwrite(static_cast<std::size_t>(samples));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  Draws draws(seed, Stream::shuffle, 0);
  for (std::int64_t n = samples - 1; n > 0; --n) {
    std::swap(order[n], order[draws.below(static_cast<std::uint32_t>(n + 1))]);
  }
  return order;
}

// The entries of the rows in the new order. from: row starts before, to: row starts after.
template <class T>
Buffer<T> gather(const Buffer<T>& entries, const Buffer<std::int64_t>& order,
                 const Buffer<std::int64_t>& from, const Buffer<std::int64_t>& to) {
  Buffer<T> gathered;
  gathered.resize_for_overwrite(entries.size());
  for (std::ptrdiff_t n = 0; n < static_cast<std::ptrdiff_t>(order.size()); ++n) {
    std::copy(entries.begin() + from[order[n]], entries.begin() + from[order[n] + 1],
              gathered.begin() + to[n]);
  }
  return gathered;
}

// Array by array, so that at no time more than one of them exists twice.
void reorder(Dataset& data, const Buffer<std::int64_t>& order) {
  Buffer<std::int64_t> to;
  to.resize_for_overwrite(order.size() + 1);
  to[0] = 0;
  Buffer<double> label;
  label.resize_for_overwrite(order.size());
  const Buffer<std::int64_t>& from = data.a.row_start;
  for (std::ptrdiff_t n = 0; n < static_cast<std::ptrdiff_t>(order.size()); ++n) {
    to[n + 1] = to[n] + from[order[n] + 1] - from[order[n]];
    label[n] = data.label[order[n]];
  }
  data.label = std::move(label);
  data.a.column = gather(data.a.column, order, from, to);
  data.a.value = gather(data.a.value, order, from, to);
  data.a.row_start = std::move(to);
}

}  // namespace

std::string_view to_string(Sharding sharding) {
  switch (sharding) {
    case Sharding::contiguous:
      return "contiguous";
    case Sharding::round_robin:
      return "round_robin";
    case Sharding::shuffle:
      return "shuffle";
  }
  return "?";
}

Dataset arrange(Dataset data, Sharding sharding, int shards, std::uint64_t seed) {
  LAGGARD_ASSERT(shards >= 1, fmt::format("shards = {}", shards));
  const std::int64_t samples = data.samples();
  LAGGARD_ASSERT(samples < std::int64_t{1} << 32, fmt::format("samples = {}", samples));
  if (sharding == Sharding::round_robin) reorder(data, deal_in_turn(samples, shards));
  if (sharding == Sharding::shuffle) reorder(data, permute(samples, seed));
  return data;
}

}  // namespace laggard
