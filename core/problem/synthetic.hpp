// The paper's synthetic instance [math 7].
#pragma once

#include "core/problem/dataset.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace laggard {

// What shares one draw of nu; the sign of nu is always that of the sample's label.
enum class NuScope { sample, klass, feature, entry };
std::string_view to_string(NuScope scope);

struct SyntheticSpec {
  std::int64_t samples = 20000;  // n
  int features = 500;            // d
  double density = 0.02;         // p; a row has round(p d) non-zero features, at least one
  NuScope nu = NuScope::sample;
  std::uint64_t seed = 1;

  int features_per_row() const;
  // Canonical; parse_synthetic reads it back.
  std::string text() const;  // "n=20000,d=500,density=0.02,nu=sample,seed=1"
};

// Reads "n=..,d=..,density=..,nu=sample|class|feature|entry,seed=.."; what is absent keeps its
// default. Integers may be written 1e4. Throws Error naming the key, its value and what is
// expected.
SyntheticSpec parse_synthetic(std::string_view text);

// b_n is +-1 with equal chances; the values are Normal(nu, 1) by inverse CDF, nu uniform on [0, 1]
// for positive and on [-1, 0] for negative samples. Sample n depends on (seed, n) alone: the same
// on every platform, for every number of shards and of threads. No function of libm but sqrt is
// used, as their last bits differ between platforms. threads >= 1. bytes_per_feature: what the run
// takes for each of the d features. Throws Error if that and the matrix do not fit into memory.
Dataset make_synthetic(const SyntheticSpec& spec, int threads, double bytes_per_feature = 0);

// The rows of these samples alone, in their order, bit for bit as in make_synthetic(). samples:
// each at least 0 and below spec.samples.
Dataset make_synthetic_rows(const SyntheticSpec& spec, std::span<const std::int64_t> samples);

}  // namespace laggard
