// Gradient coding: sums of gradients that survive stragglers.
// Tandon, Lei, Dimakis and Karampatziakis, ICML 2017                               [math 4 coded]
#pragma once

#include "core/task/task.hpp"

#include <Eigen/Core>

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

namespace laggard {

// How the messages of the workers that arrived add up to the sum over all shards.
struct Decoding {
  std::vector<double> weights;  // a: one for each worker that arrived, in rising order of workers
  double error = kInfinity;     // norm_inf(B[A,:]^T a - 1)
  // What adding up multiplies relative errors of the messages by: the largest sum over the arrived
  // j of abs(a_j B[j,p]) of any shard p. 1 where nothing is coded.
  double condition = kInfinity;
};

// The cyclic code of W workers and W shards with redundancy s: worker j holds shards j, ..., j + s
// (mod W) and sends sum_p B[j,p] c_p. Any W - s rows of B span the null space of a random H (s x W)
// with H 1 = 0, so 1 is a combination of them. Of several seeded H the one whose B decodes best is
// kept. A pure function of (W, s, seed). decode() caches: for one thread at a time.
class GradientCode {
 public:
  // workers: W >= 1; redundancy: 0 <= s < W. Costs a few QR decompositions of W x W: a tenth of a
  // second at W = 256, some seconds at W = 1000.
  GradientCode(int workers, int redundancy, std::uint64_t seed);

  int workers() const { return workers_; }  // W, and as many shards
  int redundancy() const { return redundancy_; }

  // What worker `worker` computes and with which coefficients: s + 1 parts.
  std::vector<Part> parts(WorkerId worker) const;

  // arrived: a flag for each of the W workers. From W - s workers or more: the weights of least
  // norm, so one more worker never makes them larger. From fewer: some weights, with the error that
  // they have. The answer is kept for the next time that the same workers arrive; the reference
  // holds until the next call.
  const Decoding& decode(const std::vector<bool>& arrived);

  static constexpr std::size_t kCacheLimit = 4096;  // patterns; then the oldest goes

 private:
  void draw(std::uint64_t seed, int candidate);
  void factorise();
  double worst_condition(std::uint64_t seed) const;
  Decoding solve(const std::vector<bool>& arrived) const;

  int workers_;
  int redundancy_;
  Eigen::MatrixXd code_;  // W x (s + 1): row j holds B[j, (j + i) mod W], of unit norm
  Vector everyone_;       // W: the weights of least norm where all arrive
  Eigen::MatrixXd idle_;  // s x W, rows orthonormal: combinations of messages that come to 0
  std::unordered_map<std::vector<bool>, Decoding> cache_;
  std::deque<std::vector<bool>> cached_;  // oldest first
};

}  // namespace laggard
