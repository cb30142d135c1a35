#include "core/method/shard_sum.hpp"

#include "core/problem/weighted_sum.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace laggard {
namespace {

void sum_to(std::span<const Summand> terms, Vector& out) {
  std::vector<double> weight;
  std::vector<const double*> value;
  for (const Summand& term : terms) {
    weight.push_back(term.weight);
    value.push_back(term.value->data());
  }
  out.resize(terms.front().value->size());
  weighted_sum(weight, value, view(out));
}

Vector sum_of(std::span<const Summand> terms) {
  Vector out;
  sum_to(terms, out);
  return out;
}

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
  set(shard, weight, std::move(value), {});
}

void ShardSum::set(ShardId shard, double weight, std::vector<Summand> terms) {
  set(shard, weight, nullptr, std::move(terms));
}

void ShardSum::set(ShardId shard, double weight, SharedVector value, std::vector<Summand> terms) {
  Node& leaf = nodes_[leaf_[static_cast<std::size_t>(shard)]];
  leaf.weight = weight;
  leaf.value = std::move(value);
  leaf.terms = std::move(terms);
  leaf.summed = false;
  ++leaf.sets;
  told_ = false;
  mark(0, 0, shards_, shard);
}

void ShardSum::mark(std::size_t node, int begin, int end, ShardId shard) {
  nodes_[node].stale = true;
  if (end - begin == 1) {
    nodes_[node].settled = nodes_[node].sets == 1 && nodes_[node].value;
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
  Node& left = nodes_[2 * index + 1];
  Node& right = nodes_[2 * index + 2];
  node.sum.resize(features_);
  const Share a = share(left, left_room_), b = share(right, right_room_);
  with_widest_vectors([n = features_, sum = node.sum.data(), a, b]() LAGGARD_INLINE {
    for (int i = 0; i < n; ++i) sum[i] = a.weight * a.numbers[i] + b.weight * b.numbers[i];
  });
  if (!early_ || !node.settled) return;
  for (Node* below : {&left, &right}) {
    if (below->sum.size() == 0) continue;  // a leaf
    below->sum = Vector();
    below->stale = true;
  }
}

// Most sums of terms are asked for once: all shards are set again before the next total().
ShardSum::Share ShardSum::share(Node& node, Vector& room) {
  if (!node.value && node.terms.empty()) return {1, node.sum.data()};
  if (!node.value && std::exchange(node.summed, true)) {
    node.value = std::make_shared<const Vector>(sum_of(node.terms));
    node.terms.clear();
  }
  if (node.value) return {node.weight, node.value->data()};
  sum_to(node.terms, room);
  return {node.weight, room.data()};
}

void ShardSum::begin_anew() {
  for (Node& node : nodes_) {
    node.sets = 0;
    node.settled = false;
  }
}

const Vector& ShardSum::total() {
  if (told_) return apart_;
  refresh(0, 0, shards_);
  begin_anew();
  if (shards_ > 1) return nodes_[0].sum;
  const Share all = share(nodes_[0], left_room_);
  apart_ = all.weight * Vector::Map(all.numbers, features_);
  return apart_;
}

void ShardSum::set_total(Vector total) {
  apart_ = std::move(total);
  told_ = true;
  begin_anew();
}

double ShardSum::total_weight() const { return sum_of_weights(0, 0, shards_); }

double ShardSum::sum_of_weights(std::size_t node, int begin, int end) const {
  if (end - begin == 1) return nodes_[node].weight;
  const int mid = middle(begin, end);
  return sum_of_weights(2 * node + 1, begin, mid) + sum_of_weights(2 * node + 2, mid, end);
}

void ShardSum::persist(StateArchive& archive) {
  for (const std::size_t leaf : leaf_) {
    Node& node = nodes_[leaf];
    archive.value(node.weight);
    SharedVector value = node.value;
    if (!value) value = std::make_shared<const Vector>(sum_of(node.terms));
    archive.shared(value);
    if (archive.reading()) node.value = std::move(value);
  }
  if (!archive.reading()) return;
  told_ = false;
  for (Node& node : nodes_) {
    node.stale = true;
    node.settled = false;
  }
}

OnceSum::OnceSum(int shards) : leaf_(static_cast<std::size_t>(shards)) {
  place_leaves(leaf_, 0, 0, shards);
  nodes_.resize(*std::max_element(leaf_.begin(), leaf_.end()) + 1);
}

void OnceSum::add(ShardId shard, Vector value) {
  std::size_t node = leaf_[static_cast<std::size_t>(shard)];
  while (node > 0) {
    Vector& sibling = nodes_[node % 2 == 1 ? node + 1 : node - 1];
    if (sibling.size() == 0) break;
    with_widest_vectors([n = value.size(), sum = value.data(),
                         other = sibling.data()]() LAGGARD_INLINE {  // left or right: the same bits
      for (Eigen::Index i = 0; i < n; ++i) sum[i] += other[i];
    });
    sibling = Vector();
    node = (node - 1) / 2;
  }
  nodes_[node] = std::move(value);
}

const Vector* OnceSum::total() const { return nodes_[0].size() > 0 ? nodes_.data() : nullptr; }

void OnceSum::clear() {
  for (Vector& node : nodes_) node = Vector();
}

}  // namespace laggard
