// Gradient coding: sums of gradients that survive stragglers.
// Tandon, Lei, Dimakis and Karampatziakis, ICML 2017                               [math 4 coded]
#pragma once

#include "core/coding/code.hpp"

#include <Eigen/Core>

#include <cstdint>
#include <vector>

namespace laggard {

inline constexpr double kMostDecodingError = 1e-7;  // a worse one waits for one more message
inline constexpr std::uint64_t kCodeSeed = 1;       // of every run's code

// The cyclic code of W workers and W shards with redundancy s: worker j holds shards j, ..., j + s
// (mod W) and sends sum_p B[j,p] c_p. Any W - s rows of B span the null space of a random H (s x W)
// with H 1 = 0, so 1 is a combination of them. Of several seeded H the one whose B decodes best is
// kept. A pure function of (W, s, seed). From W - s workers or more it decodes with the weights of
// least norm, so one more worker never makes them larger. From fewer: some weights, with the error
// that they have.
class GradientCode final : public Code {
 public:
  // workers: W >= 1; redundancy: 0 <= s < W. Costs a few QR decompositions of W x W: a tenth of a
  // second at W = 256, some seconds at W = 1000.
  GradientCode(int workers, int redundancy, std::uint64_t seed);

  int redundancy() const { return redundancy_; }

  // What worker `worker` computes and with which coefficients: s + 1 parts.
  std::vector<Part> parts(WorkerId worker) const override;

 private:
  void draw(std::uint64_t seed, int candidate);
  void factorise();
  double worst_condition(std::uint64_t seed) const;
  std::vector<double> weights_of(const std::vector<bool>& arrived) const override;

  int redundancy_;
  Eigen::MatrixXd code_;  // W x (s + 1): row j holds B[j, (j + i) mod W], of unit norm
  Vector everyone_;       // W: the weights of least norm where all arrive
  Eigen::MatrixXd idle_;  // s x W, rows orthonormal: combinations of messages that come to 0
};

}  // namespace laggard
