#include "core/method/shard_sum.hpp"

namespace laggard {
namespace {

int middle(int begin, int end) { return begin + (end - begin) / 2; }

void place_leaves(std::vector<std::size_t>& leaf, std::size_t node, int begin, int end) {
  if (end - begin == 1) {
    leaf[static_cast<std::size_t>(begin)] = node;
    return;
  }
  place_leaves(leaf, 2 * node + 1, begin, middle(begin, end));
  place_leaves(leaf, 2 * node + 2, middle(begin, end), end);
}

}  // namespace

ShardSum::ShardSum(int shards, int features, double weight, bool early)
    : shards_(shards),
      features_(features),
      early_(early),
      zero_(std::make_shared<Vector>(Vector::Zero(features))),
      leaf_(static_cast<std::size_t>(shards)) {
  place_leaves(leaf_, 0, 0, shards);
  nodes_.resize(*std::max_element(leaf_.begin(), leaf_.end()) + 1);
  for (const std::size_t leaf : leaf_) {
    nodes_[leaf].weight = weight;
    nodes_[leaf].value = zero_;
  }
}

void ShardSum::set(ShardId shard, double weight, SharedVector value) {
  Node& leaf = nodes_[leaf_[static_cast<std::size_t>(shard)]];
  leaf.weight = weight;
  leaf.value = std::move(value);
  ++leaf.sets;
  mark(0, 0, shards_, shard);
}

void ShardSum::mark(std::size_t node, int begin, int end, ShardId shard) {
  nodes_[node].stale = true;
  if (end - begin == 1) {
    nodes_[node].settled = nodes_[node].sets == 1;
    return;
  }
  const int mid = middle(begin, end);
  if (shard < mid)
    mark(2 * node + 1, begin, mid, shard);
  else
    mark(2 * node + 2, mid, end, shard);
  nodes_[node].settled = nodes_[2 * node + 1].settled && nodes_[2 * node + 2].settled;
  if (early_ && nodes_[node].settled) refresh(node, begin, end);
}

void ShardSum::refresh(std::size_t index, int begin, int end) {
  Node& node = nodes_[index];
  if (!node.stale) return;
  node.stale = false;
  if (end - begin == 1) return;
  const int mid = middle(begin, end);
  refresh(2 * index + 1, begin, mid);
  refresh(2 * index + 2, mid, end);
  const Node& left = nodes_[2 * index + 1];
  const Node& right = nodes_[2 * index + 2];
  node.weight = left.weight + right.weight;
  node.sum.resize(features_);
  const double wl = left.weight, wr = right.weight;
  if (left.value && right.value)
    node.sum.array() = wl * left.value->array() + wr * right.value->array();
  else if (left.value)
    node.sum.array() = wl * left.value->array() + right.sum.array();
  else if (right.value)
    node.sum.array() = left.sum.array() + wr * right.value->array();
  else
    node.sum = left.sum + right.sum;
}

void ShardSum::refresh_all() {
  refresh(0, 0, shards_);
  for (Node& node : nodes_) {
    node.sets = 0;
    node.settled = false;
  }
}

const Vector& ShardSum::total() {
  refresh_all();
  if (shards_ > 1) return nodes_[0].sum;
  single_ = nodes_[0].weight * *nodes_[0].value;
  return single_;
}

double ShardSum::total_weight() {
  refresh_all();
  return nodes_[0].weight;
}

void ShardSum::persist(StateArchive& archive) {
  for (const std::size_t leaf : leaf_) {
    archive.value(nodes_[leaf].weight);
    archive.shared(nodes_[leaf].value);
  }
  if (!archive.reading()) return;
  for (Node& node : nodes_) {
    node.stale = true;
    node.settled = false;
  }
}

}  // namespace laggard
