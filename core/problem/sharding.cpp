#include "core/problem/sharding.hpp"

#include "core/io/error.hpp"
#include "core/task/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace laggard {
namespace {

// The first row of shard p; the same rule as Problem::shard.
std::int64_t first_row(std::int64_t samples, int shards, int p) { return samples * p / shards; }

// Writes the samples that dealing in turn gives to shard p. Sizes differ by one at most, so full
// shards are passed over in the last lap only: there the larger shards take the remaining samples
// in their order.
void deal_in_turn(std::int64_t samples, int shards, int p, std::span<std::int64_t> out) {
  const std::int64_t laps = samples / shards;
  for (std::int64_t lap = 0; lap < laps; ++lap)
    out[static_cast<std::size_t>(lap)] = lap * shards + p;
  if (static_cast<std::int64_t>(out.size()) == laps) return;
  // Before shard p there are first_row(p) places, laps of each shard and one more of each larger
  // one.
  out.back() = laps * shards + first_row(samples, shards, p) - laps * p;
}

// For each place in the new order, the sample that goes there.
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

Buffer<std::int64_t> order_of(std::int64_t samples, Sharding sharding, int shards,
                              std::uint64_t seed) {
  if (sharding == Sharding::shuffle) return permute(samples, seed);
  Buffer<std::int64_t> order;
  order.resize_for_overwrite(static_cast<std::size_t>(samples));
  for (int p = 0; p < shards; ++p) {
    const std::int64_t begin = first_row(samples, shards, p);
    const auto count = static_cast<std::size_t>(first_row(samples, shards, p + 1) - begin);
    deal_in_turn(samples, shards, p, std::span(order.data() + begin, count));
  }
  return order;
}

// Moves the entries of rows to their new places with little more memory than they take. The old
// array would be read at random places, so both would have to be there whole. Hence a stop between:
// the old one is read in its order, and given back on the way, and each row is put behind the
// others that go to the same part of the new one.
class RowMove {
 public:
  // order: the sample of each place; from, to: row starts before and after. They must outlive this.
  RowMove(const Buffer<std::int64_t>& order, const Buffer<std::int64_t>& from,
          const Buffer<std::int64_t>& to, int threads)
      : order_(order), from_(from), to_(to), threads_(threads) {
    const auto samples = order.size();
    Buffer<std::uint8_t> part_of;
    part_of.resize_for_overwrite(samples);
    std::array<std::int64_t, kParts> end{};  // of the rows that were put into each part
    for (int part = 0; part < kParts; ++part) {
      end[part] = to[first(part)];
      for (std::int64_t n = first(part); n < first(part + 1); ++n)
        part_of[order[n]] = static_cast<std::uint8_t>(part);
    }
    start_.resize_for_overwrite(samples);
    for (std::int64_t n = 0; n < static_cast<std::int64_t>(samples); ++n) {
      std::int64_t& start = end[part_of[n]];
      start_[n] = std::exchange(start, start + from[n + 1] - from[n]);
    }
  }

  template <class T>
  Buffer<T> operator()(Buffer<T> entries) const {
    Buffer<T> between;
    between.resize_for_overwrite(entries.size());
    for_parts([&](int part) {
      for (std::int64_t n = first(part); n < first(part + 1); ++n)
        std::copy(entries.begin() + from_[n], entries.begin() + from_[n + 1],
                  between.begin() + start_[n]);
      forget(entries, from_, part);
    });
    for_parts([&](int part) {
      for (std::int64_t n = first(part); n < first(part + 1); ++n)
        std::copy_n(between.begin() + start_[order_[n]], to_[n + 1] - to_[n],
                    entries.begin() + to_[n]);
      forget(between, to_, part);
    });
    return entries;
  }

 private:
  static constexpr int kParts = 64;

  std::int64_t first(int part) const {
    return first_row(static_cast<std::int64_t>(order_.size()), kParts, part);
  }
  template <class T>
  void forget(Buffer<T>& entries, const Buffer<std::int64_t>& row_start, int part) const {
    entries.forget(static_cast<std::size_t>(row_start[first(part)]),
                   static_cast<std::size_t>(row_start[first(part + 1)]));
  }
  // Visits all parts, each half of them in order.
  template <class Visit>
  void for_parts(const Visit& visit) const {
    const auto half = [&](int which) {
      for (int part = which * kParts / 2; part < (which + 1) * kParts / 2; ++part) visit(part);
    };
    std::jthread other;
    if (threads_ > 1) other = std::jthread([&] { half(1); });
    half(0);
    if (threads_ <= 1) half(1);
  }

  const Buffer<std::int64_t>& order_;
  const Buffer<std::int64_t>& from_;
  const Buffer<std::int64_t>& to_;
  const int threads_;
  Buffer<std::int64_t> start_;  // of each sample's entries between
};

void reorder(Dataset& data, int threads) {
  const Buffer<std::int64_t>& order = data.order;
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
  const RowMove moved(order, from, to, threads);
  data.a.column = moved(std::move(data.a.column));
  data.a.value = moved(std::move(data.a.value));
  data.a.row_start = std::move(to);
}

// Those rows, in this order.
Dataset rows_of(const Dataset& data, const std::vector<std::int64_t>& rows) {
  Dataset out;
  out.name = data.name;
  out.sha256 = data.sha256;
  out.identity = data.identity;
  out.a.columns = data.a.columns;
  out.a.row_start.push_back(0);
  for (const std::int64_t n : rows) {
    const auto begin = static_cast<std::size_t>(data.a.row_start[n]);
    const auto count = static_cast<std::size_t>(data.a.row_start[n + 1]) - begin;
    out.a.column.append(std::span(data.a.column.data() + begin, count));
    out.a.value.append(std::span(data.a.value.data() + begin, count));
    out.a.row_start.push_back(out.a.nonzeros());
    out.label.push_back(data.label[n]);
  }
  return out;
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

Dataset arrange(Dataset data, Sharding sharding, int shards, std::uint64_t seed, int threads) {
  LAGGARD_ASSERT(shards >= 1, fmt::format("shards = {}", shards));
  const std::int64_t samples = data.samples();
  LAGGARD_ASSERT(samples < std::int64_t{1} << 32, fmt::format("samples = {}", samples));
  if (sharding == Sharding::contiguous) return data;
  data.order = order_of(samples, sharding, shards, seed);
  // Not worth a thread where it takes less than starting one.
  constexpr std::int64_t kWorthAThread = 100'000;  // nonzeros
  reorder(data, data.a.nonzeros() < kWorthAThread ? 1 : threads);
  return data;
}

Buffer<std::int64_t> samples_of_shard(std::int64_t samples, Sharding sharding, int shards,
                                      std::uint64_t seed, int p) {
  LAGGARD_ASSERT(0 <= p && p < shards, fmt::format("shard {} of {}", p, shards));
  const std::int64_t begin = first_row(samples, shards, p);
  Buffer<std::int64_t> own;
  own.resize_for_overwrite(static_cast<std::size_t>(first_row(samples, shards, p + 1) - begin));
  if (sharding == Sharding::contiguous) std::iota(own.begin(), own.end(), begin);
  if (sharding == Sharding::round_robin)
    deal_in_turn(samples, shards, p, std::span(own.data(), own.size()));
  if (sharding == Sharding::shuffle) {
    const Buffer<std::int64_t> order = permute(samples, seed);
    std::copy_n(order.begin() + begin, own.size(), own.begin());
  }
  return own;
}

Dataset hold_out(Dataset& data, double ratio, std::uint64_t seed) {
  const std::int64_t samples = data.samples();
  LAGGARD_ASSERT(samples < std::int64_t{1} << 32, fmt::format("samples = {}", samples));
  const auto count = static_cast<std::int64_t>(std::floor(ratio * static_cast<double>(samples)));
  const std::vector<std::uint32_t> order =
      permutation(static_cast<std::uint32_t>(samples), Draws(seed, Stream::row_sample, 0));
  std::vector<bool> held(order.size(), false);
  for (std::int64_t i = 0; i < count; ++i) held[order[static_cast<std::size_t>(i)]] = true;
  std::vector<std::int64_t> out, rest;
  for (std::int64_t n = 0; n < samples; ++n)
    (held[static_cast<std::size_t>(n)] ? out : rest).push_back(n);
  Dataset validation = rows_of(data, out);
  Dataset training = rows_of(data, rest);
  training.notices = std::move(data.notices);
  training.identity += fmt::format(", {} rows held out by seed {}", count, seed);
  data = std::move(training);
  return validation;
}

}  // namespace laggard
