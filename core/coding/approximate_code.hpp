// Gradient codes that give up exactness: equal weights on a sparse graph.             [math 13.1]
#pragma once

#include "core/coding/code.hpp"

#include <cstdint>
#include <vector>

namespace laggard {

// Which shards a worker holds.
enum class CodeGraph {
  fractional,  // those of its group of d workers; d divides W
  cyclic,      // its own and the d - 1 next ones
  regular      // one of each of d permutations without a common entry
};
enum class CodeDecoder {
  fixed,    // W over the number that arrived
  optimal,  // the least norm among those for which norm(B_R^T a - 1) is least
  centred   // optimal, scaled so that the mean weight of a shard is 1
};

// W rows of `held` shards of W. The seed is that of the regular graph. Throws Error, for
// --redundancy, where no permutation was found for it.
std::vector<std::vector<ShardId>> code_graph(CodeGraph graph, int workers, int held,
                                             std::uint64_t seed);

// Every worker sends the d-th part of the sum over the d shards that it holds. W shards, each with
// d workers.
class ApproximateCode final : public Code {
 public:
  // The graph: as code_graph gives it.
  ApproximateCode(std::vector<std::vector<ShardId>> graph, CodeDecoder decoder);

  std::vector<Part> parts(WorkerId worker) const override;

 private:
  std::vector<double> weights_of(const std::vector<bool>& arrived) const override;
  Vector least_error(const std::vector<WorkerId>& arrived) const;

  std::vector<std::vector<ShardId>> graph_;
  CodeDecoder decoder_;
  double coefficient_;  // 1/d
};

}  // namespace laggard
