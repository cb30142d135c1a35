// Counter-based randomness: a draw is a pure function of (seed, stream, counter).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace laggard {

// What a stream is for, so that no two uses ever share draws.
enum class Stream : std::uint32_t {
  synthetic_label = 1,
  synthetic_row,
  synthetic_nu,
  shuffle,
  straggler,
  straggler_fleet,
  crash,
  code,
  start_backoff,
  local_lambda,
  retry,
  straggler_start,
  straggler_round,
  bootstrap,
  // Their numbers are fixed by tests/vectors, and others had them before. Nothing is seen of that:
  // an order of rows or workers tells nothing of how long a worker takes.
  batch_order = 12,
  row_sample = 13,
  code_graph = 14,
  payload = 15
};

// Four 32-bit words of Philox4x32-10 under key `seed`, counter (a, b, stream), low words first.
std::array<std::uint32_t, 4> philox(std::uint64_t seed, Stream stream, std::uint64_t a,
                                    std::uint32_t b);

// (2k + 1) / 2^53 for the 52 bits k of (high, low): in (0, 1), never 0 or 1, symmetric about 1/2.
inline double to_unit_interval(std::uint32_t high, std::uint32_t low) {
  const std::uint64_t k = (std::uint64_t{high} << 20) | (low >> 12);
  return static_cast<double>(2 * k + 1) * 0x1p-53;
}

// A draw from (0, 1), never 0 or 1, by to_unit_interval. `a` and `b` number the draw within the
// stream.
double uniform(std::uint64_t seed, Stream stream, std::uint64_t a, std::uint32_t b);

// The words of the blocks (a, 0), (a, 1), ... of a stream one after the other, for uses that cannot
// tell beforehand how many they need.
class Draws {
 public:
  Draws(std::uint64_t seed, Stream stream, std::uint64_t a) : seed_(seed), stream_(stream), a_(a) {}

  // The next 32 bits. At most 2^34 calls.
  std::uint32_t word() {
    if (used_ == 4) {
      words_ = philox(seed_, stream_, a_, block_++);
      used_ = 0;
    }
    return words_[used_++];
  }

  // An integer from 0 to bound - 1, all equally likely (no bias of the modulus). bound >= 1.
  std::uint32_t below(std::uint32_t bound) {
    std::uint64_t product = std::uint64_t{word()} * bound;
    if (static_cast<std::uint32_t>(product) < bound) {
      const std::uint32_t threshold = (0u - bound) % bound;
      while (static_cast<std::uint32_t>(product) < threshold) {
        product = std::uint64_t{word()} * bound;
      }
    }
    return static_cast<std::uint32_t>(product >> 32);
  }

 private:
  std::uint64_t seed_;
  Stream stream_;
  std::uint64_t a_;
  std::uint32_t block_ = 0;
  std::uint32_t used_ = 4;
  std::array<std::uint32_t, 4> words_{};
};

// 0 .. count-1 in random order, by Fisher and Yates from the end.                     [math 11.2]
std::vector<std::uint32_t> permutation(std::uint32_t count, Draws draws);

// The standard normal quantile of u in (0, 1), to 1e-9 relative or better (AS 241): the
// same bits on every platform.
double normal_quantile(double u);

}  // namespace laggard
