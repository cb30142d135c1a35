#include "core/coding/approximate_code.hpp"

#include "core/coding/pivoted_qr.hpp"
#include "core/io/error.hpp"
#include "core/task/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace laggard {
namespace {

using Graph = std::vector<std::vector<ShardId>>;

// A permutation that gives no worker a shard which it holds. Nearly exp(held) are tried.
std::optional<std::vector<std::uint32_t>> another_permutation(const Graph& graph, std::uint64_t i,
                                                              std::uint64_t seed) {
  constexpr std::uint64_t kMostTries = 200'000;
  for (std::uint64_t t = 0; t < kMostTries; ++t) {
    std::vector<std::uint32_t> sigma = permutation(static_cast<std::uint32_t>(graph.size()),
                                                   Draws(seed, Stream::code_graph, (i << 32) + t));
    bool common = false;
    for (std::size_t j = 0; j < graph.size() && !common; ++j)
      common = std::ranges::find(graph[j], static_cast<ShardId>(sigma[j])) != graph[j].end();
    if (!common) return sigma;
  }
  return std::nullopt;
}

Graph regular_graph(int workers, int held, std::uint64_t seed) {
  Graph graph(static_cast<std::size_t>(workers));
  for (int j = 0; j < workers; ++j) graph[static_cast<std::size_t>(j)] = {j};
  for (int i = 1; i < held; ++i) {
    const auto sigma = another_permutation(graph, static_cast<std::uint64_t>(i), seed);
    if (!sigma)
      throw Error(
          fmt::format("--redundancy: {} is more than a regular graph of {} workers was found for; "
                      "expected at most {}, or --graph cyclic",
                      held, workers, i));
    for (std::size_t j = 0; j < graph.size(); ++j)
      graph[j].push_back(static_cast<ShardId>((*sigma)[j]));
  }
  return graph;
}

}  // namespace

Graph code_graph(CodeGraph graph, int workers, int held, std::uint64_t seed) {
  LAGGARD_ASSERT(held >= 1 && held <= workers, fmt::format("{} of {} shards", held, workers));
  if (graph == CodeGraph::regular) return regular_graph(workers, held, seed);
  LAGGARD_ASSERT(graph == CodeGraph::cyclic || workers % held == 0,
                 fmt::format("groups of {} of {} workers", held, workers));
  Graph out(static_cast<std::size_t>(workers));
  for (int j = 0; j < workers; ++j)
    for (int i = 0; i < held; ++i)
      out[static_cast<std::size_t>(j)].push_back(
          graph == CodeGraph::fractional ? j / held * held + i : (j + i) % workers);
  return out;
}

ApproximateCode::ApproximateCode(Graph graph, CodeDecoder decoder)
    : Code(static_cast<int>(graph.size()), static_cast<int>(graph.size())),
      graph_(std::move(graph)),
      decoder_(decoder),
      coefficient_(1 / static_cast<double>(graph_.at(0).size())) {}

std::vector<Part> ApproximateCode::parts(WorkerId worker) const {
  std::vector<Part> parts;
  for (const ShardId shard : graph_.at(static_cast<std::size_t>(worker)))
    parts.push_back({shard, coefficient_});
  return parts;
}

std::vector<double> ApproximateCode::weights_of(const std::vector<bool>& arrived) const {
  std::vector<WorkerId> there;
  for (WorkerId j = 0; j < workers(); ++j)
    if (arrived[static_cast<std::size_t>(j)]) there.push_back(j);
  const auto count = static_cast<double>(there.size());
  const bool all = static_cast<int>(there.size()) == workers();
  if (decoder_ == CodeDecoder::fixed || all || there.empty())
    return std::vector<double>(there.size(), workers() / count);
  const Vector weights = least_error(there);
  double scale = 1;
  if (decoder_ == CodeDecoder::centred) {
    double sum = 0;  // of the shards' weights, as those within a message have the sum 1
    for (const double weight : weights) sum += weight;
    scale = workers() / sum;
  }
  std::vector<double> out;
  for (const double weight : weights) out.push_back(scale * weight);
  return out;
}

Vector ApproximateCode::least_error(const std::vector<WorkerId>& arrived) const {
  Eigen::MatrixXd columns =
      Eigen::MatrixXd::Zero(shards(), static_cast<Eigen::Index>(arrived.size()));
  for (std::size_t i = 0; i < arrived.size(); ++i)
    for (const ShardId shard : graph_[static_cast<std::size_t>(arrived[i])])
      columns(shard, static_cast<Eigen::Index>(i)) = coefficient_;
  return PivotedQr(std::move(columns)).least_squares(Vector::Ones(shards()));
}

}  // namespace laggard
