#include "methods/gossip/graph.hpp"

#include "core/io/error.hpp"
#include "core/io/parse.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>
#include <utility>

namespace laggard {
namespace {

constexpr std::string_view kFile = "file:", kTorus = "torus:";
constexpr std::int64_t kMostNodes = 1'000'000;
constexpr const char* kSyntax = "note7, ring, torus:RxC, complete or file:PATH";

// Figure 4 of the note: left, upper middle, lower left, lower middle, hub, upper and lower right.
constexpr std::pair<int, int> kNote7[] = {{0, 1}, {0, 2}, {1, 2}, {1, 4}, {2, 3},
                                          {3, 4}, {4, 5}, {4, 6}, {5, 6}};

struct Grid {
  std::int64_t rows = 0, columns = 0;
};

Grid grid_of(std::string_view spec) {
  const std::string_view size = spec.substr(kTorus.size());
  const std::size_t cross = size.find('x');
  try {
    if (cross != size.npos)
      return {parse_integer(size.substr(0, cross), "", 1, kMostNodes),
              parse_integer(size.substr(cross + 1), "", 1, kMostNodes)};
  } catch (const Error&) {
    // Told below, with the whole.
  }
  throw Error(fmt::format("{} is no torus; expected torus:RxC with integers R and C from 1 to {}",
                          spec, kMostNodes));
}

// Edges as they are named, each once; from an edge to its weight.
using Edges = std::map<std::pair<int, int>, double>;

Edges ring_of(int nodes) {
  Edges edges;
  for (int k = 0; k < nodes; ++k) {
    const int next = (k + 1) % nodes;
    if (next != k) edges[std::minmax(k, next)] = kNaN;
  }
  return edges;
}

Edges torus_of(const Grid& grid) {
  Edges edges;
  const int rows = static_cast<int>(grid.rows), columns = static_cast<int>(grid.columns);
  for (int r = 0; r < rows; ++r)
    for (int c = 0; c < columns; ++c) {
      const int own = r * columns + c;
      const int below = (r + 1) % rows * columns + c, right = r * columns + (c + 1) % columns;
      for (const int other : {below, right})
        if (other != own) edges[std::minmax(own, other)] = kNaN;
    }
  return edges;
}

Edges complete_of(int nodes) {
  Edges edges;
  for (int k = 0; k < nodes; ++k)
    for (int j = k + 1; j < nodes; ++j) edges[{k, j}] = kNaN;
  return edges;
}

// The edges of a file, line by line: two nodes, and a weight if they are to have weights. An edge
// may stand there in both directions.
class EdgeFile {
 public:
  EdgeFile(std::string path, int nodes) : path_(std::move(path)), nodes_(nodes) {
    std::ifstream in(path_);
    if (!in)
      throw Error(fmt::format("--graph: {}: cannot be opened ({}); expected an edge a line", path_,
                              std::strerror(errno)));
    for (std::string line; std::getline(in, line);) {
      ++line_;
      line.resize(std::min(line.find('#'), line.size()));
      std::istringstream words(line);
      std::vector<std::string> fields;
      for (std::string word; words >> word;) fields.push_back(word);
      if (!fields.empty()) add(fields);
    }
    if (in.bad()) throw Error(fmt::format("--graph: {}: cannot be read", path_));
    if (given_.empty())
      throw Error(fmt::format("--graph: {}: no edges; expected one a line", path_));
  }

  bool weighted() const { return weighted_; }

  Edges edges() const {
    Edges edges;
    for (const auto& [edge, at] : given_) edges[std::minmax(edge.first, edge.second)] = at.weight;
    return edges;
  }

 private:
  struct Given {
    double weight = kNaN;
    int line = 0;
  };

  [[noreturn]] void fail(const std::string& message) const {
    throw Error(fmt::format("--graph: {}:{}: {}", path_, line_, message));
  }

  int node_of(const std::string& field) const {
    try {
      return static_cast<int>(parse_integer(field, "", 0, nodes_ - 1));
    } catch (const Error&) {
      fail(fmt::format("{} is no node; expected a number from 0 to {}", field, nodes_ - 1));
    }
  }

  double weight_of(const std::string& field) const {
    try {
      const double weight = parse_real(field, "", 0, 1);
      if (weight > 0) return weight;
    } catch (const Error&) {
      // Told below.
    }
    fail(fmt::format("{} is no weight; expected a number above 0 and at most 1", field));
  }

  void add(const std::vector<std::string>& fields) {
    if (fields.size() != 2 && fields.size() != 3)
      fail(fmt::format("{} fields; expected two nodes, or two nodes and a weight", fields.size()));
    const int a = node_of(fields[0]), b = node_of(fields[1]);
    if (a == b) fail(fmt::format("an edge from node {} to itself; expected two nodes", a));
    const bool weighted = fields.size() == 3;
    if (given_.empty()) weighted_ = weighted;
    if (weighted != weighted_)
      fail(fmt::format("an edge {} a weight; expected weights of all edges or of none",
                       weighted ? "with" : "without"));
    const double weight = weighted ? weight_of(fields[2]) : kNaN;
    const auto [first, is_new] = given_.try_emplace({a, b}, Given{weight, line_});
    if (!is_new)
      fail(fmt::format("edge {} {} was on line {} already; expected it once", a, b,
                       first->second.line));
    const auto back = given_.find({b, a});
    if (back != given_.end() && weighted && back->second.weight != weight)
      fail(
          fmt::format("edge {} {} weighs {}, but {} {} on line {} weighs {}; expected weights that "
                      "are symmetric",
                      a, b, weight, b, a, back->second.line, back->second.weight));
  }

  std::string path_;
  int nodes_;
  int line_ = 0;
  bool weighted_ = false;
  std::map<std::pair<int, int>, Given> given_;
};

Graph graph_of(const Edges& edges, int nodes) {
  Graph graph;
  graph.of.resize(static_cast<std::size_t>(nodes));
  for (const auto& [edge, weight] : edges) {
    graph.of[static_cast<std::size_t>(edge.first)].push_back({edge.second, weight});
    graph.of[static_cast<std::size_t>(edge.second)].push_back({edge.first, weight});
  }
  for (std::vector<Neighbour>& all : graph.of)
    std::sort(all.begin(), all.end(),
              [](const Neighbour& a, const Neighbour& b) { return a.node < b.node; });
  return graph;
}

void check_connected(const Graph& graph, const std::string& spec) {
  std::vector<bool> reached(graph.of.size(), false);
  std::vector<int> next = {0};
  reached[0] = true;
  while (!next.empty()) {
    const int node = next.back();
    next.pop_back();
    for (const Neighbour& other : graph.of[static_cast<std::size_t>(node)]) {
      if (reached[static_cast<std::size_t>(other.node)]) continue;
      reached[static_cast<std::size_t>(other.node)] = true;
      next.push_back(other.node);
    }
  }
  const auto missing = std::find(reached.begin(), reached.end(), false);
  if (missing != reached.end())
    throw Error(
        fmt::format("--graph: {} is not connected: no way leads from node 0 to node {}; "
                    "expected a connected graph of {} nodes",
                    spec, missing - reached.begin(), graph.nodes()));
}

// `fits`: the number of nodes that the graph can have.
void check_size(const std::string& spec, std::int64_t fits, int nodes) {
  if (fits != nodes)
    throw Error(
        fmt::format("--graph: {} has {} nodes, and there are {} workers; expected --workers "
                    "{}",
                    spec, fits, nodes, fits));
}

}  // namespace

std::int64_t Graph::edges() const {
  return std::accumulate(of.begin(), of.end(), std::int64_t{0},
                         [](std::int64_t sum, const std::vector<Neighbour>& all) {
                           return sum + static_cast<std::int64_t>(all.size());
                         }) /
         2;
}

std::string canonical_graph(std::string_view spec) {
  if (spec.starts_with(kTorus)) {
    const Grid grid = grid_of(spec);
    return fmt::format("{}{}x{}", kTorus, grid.rows, grid.columns);
  }
  const bool named = spec == "note7" || spec == "ring" || spec == "complete";
  if (named || (spec.starts_with(kFile) && spec.size() > kFile.size())) return std::string(spec);
  throw Error(fmt::format("{} is not known; expected {}", spec, kSyntax));
}

Graph make_graph(const std::string& spec, int nodes) {
  if (spec.starts_with(kFile)) {
    const EdgeFile file(spec.substr(kFile.size()), nodes);
    Graph graph = graph_of(file.edges(), nodes);
    graph.weighted = file.weighted();
    check_connected(graph, spec);
    return graph;
  }
  if (spec == "ring") return graph_of(ring_of(nodes), nodes);
  if (spec == "complete") return graph_of(complete_of(nodes), nodes);
  if (spec == "note7") {
    check_size(spec, 7, nodes);
    Edges edges;
    for (const auto& edge : kNote7) edges[edge] = kNaN;
    return graph_of(edges, nodes);
  }
  const Grid grid = grid_of(spec);
  check_size(spec, grid.rows * grid.columns, nodes);
  return graph_of(torus_of(grid), nodes);
}

}  // namespace laggard
