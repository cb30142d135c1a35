// How much each node counts what it and its neighbours have.                      [math 10.3]
#pragma once

#include "methods/gossip/graph.hpp"

#include <string>
#include <vector>

namespace laggard {

struct MixingWeight {
  int node = 0;
  double weight = 0;
};

// The matrix M by rows: of node k the M_kj of itself and its neighbours, j rising. Rows sum to 1.
struct Mixing {
  std::vector<std::vector<MixingWeight>> rows;

  int nodes() const { return static_cast<int>(rows.size()); }
  double at(int k, int j) const;  // 0 where they do not talk
};

// metropolis: M_kj = 1 / (1 + max(deg k, deg j)). closed_uniform: 1 / (1 + deg k) over the node and
// its neighbours. file: as the graph's file has them; the node itself has what is left of 1. Throws
// Error, beginning with --mixing, where the graph's weights and this do not go together, or come to
// more than 1.
Mixing make_mixing(const Graph& graph, const std::string& name);

// Exactly symmetric, no weight negative, rows and columns that sum to 1 up to rounding.
bool is_doubly_stochastic(const Mixing& mixing);

// Of the eigenvalues beside the one that is 1: the largest in absolute value, and the least, both
// of a matrix that is similar to a symmetric one. One node: 0 and 1.
struct Spectrum {
  double second = 0;  // abs(lambda_2)
  double least = 1;

  double gap() const { return 1 - second; }
};
Spectrum spectrum(const Mixing& mixing);

}  // namespace laggard
