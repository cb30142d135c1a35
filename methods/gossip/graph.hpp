// Who talks to whom.                                                              [math 10.3]
#pragma once

#include "core/task/types.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

struct Neighbour {
  int node = 0;
  double weight = kNaN;  // as the file of the graph has it
};

// Undirected and connected.
struct Graph {
  std::vector<std::vector<Neighbour>> of;  // by node, rising; never the node itself
  bool weighted = false;                   // by its file: all edges or none

  int nodes() const { return static_cast<int>(of.size()); }
  int degree(int node) const { return static_cast<int>(of[static_cast<std::size_t>(node)].size()); }
  std::int64_t edges() const;
};

// note7 | ring | torus:RxC | complete | file:PATH, as they are kept. Throws Error for what is none
// of these.
std::string canonical_graph(std::string_view spec);

// Throws Error, beginning with --graph, where the graph has another number of nodes, its file
// cannot be read or says what cannot be, or it is not connected.
Graph make_graph(const std::string& spec, int nodes);

}  // namespace laggard
