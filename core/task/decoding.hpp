// How coded messages add up to the sum over all shards.                             [math 4, 13]
#pragma once

#include "core/task/types.hpp"

#include <vector>

namespace laggard {

// B[A,:]^T a is what each of the P shards weighs in the sum that is decoded; 1 is right.
struct Decoding {
  std::vector<double> weights;   // a: one for each worker that arrived, in rising order of workers
  double error = kInfinity;      // norm_inf(B[A,:]^T a - 1)
  double rms_error = kInfinity;  // e = norm(B[A,:]^T a - 1) / sqrt(P)
  double mean_weight = kNaN;     // of the shards
  // What adding up multiplies relative errors of the messages by: the largest sum over the arrived
  // j of abs(a_j B[j,p]) of any shard p. 1 where nothing is coded.
  double condition = kInfinity;
};

}  // namespace laggard
