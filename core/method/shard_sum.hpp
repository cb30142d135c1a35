// sum_p weight_p value_p by one binary tree over the shards.                       [math 2.4]
#pragma once

#include "core/method/state_archive.hpp"
#include "core/task/task.hpp"

#include <vector>

namespace laggard {

// One of the vectors that a value is the sum of, by weight.
struct Summand {
  double weight = 0;
  SharedVector value;
};

// The tree's shape depends on P alone, and a node is always recomputed from its children, never
// updated by differences: the sum is the same bit for bit in whatever order values were set. A set
// costs log2(P) vector additions at the next total().
class ShardSum {
 public:
  // All values start at zero with weight `weight`. early: a node whose leaves have all been set to
  // one vector each since the last total() is computed at once, so that the last of P leaves
  // total() log2(P) additions in the place of P. That is in vain where values are set again before.
  // The sums below such a node are given back: where all is set anew each time, few are held.
  ShardSum(int shards, int features, double weight, bool early = false);

  // value: d, shared with the caller and never changed afterwards.
  void set(ShardId shard, double weight, SharedVector value);
  // Of the value that is the sum of the terms, in their order; at least one. It is made when
  // total() needs it, and kept from the second time on.
  void set(ShardId shard, double weight, std::vector<Summand> terms);

  // Counts the shard as +0 with weight 0 until it is set again.
  void leave_out(ShardId shard) { set(shard, 0, zero_); }

  const Vector& total();        // d
  double total_weight() const;  // sum_p weight_p, by the same tree

  // What total() is until a value is set again: for a caller that knows it from elsewhere, and that
  // sets most values anew before it asks for the next one.
  void set_total(Vector total);

  // The leaves alone: all else follows from them.
  void persist(StateArchive& archive);

 private:
  struct Node {
    bool stale = true;     // its sum is not that of its leaves, or is given back
    int sets = 0;          // of a leaf, since the last total()
    bool settled = false;  // each of its leaves has been set once since then
    double weight = 0;     // of a leaf
    Vector sum;            // d; unused at leaves, whose product is formed on the fly
    SharedVector value;    // of a leaf; null: the sum of the terms
    std::vector<Summand> terms;
    bool summed = false;  // the terms, once
  };
  // What a node adds to the one above it: so much of these numbers.
  struct Share {
    double weight;
    const double* numbers;
  };

  void set(ShardId shard, double weight, SharedVector value, std::vector<Summand> terms);
  void begin_anew();
  double sum_of_weights(std::size_t node, int begin, int end) const;
  void refresh(std::size_t node, int begin, int end);
  Share share(Node& node, Vector& room);
  void mark(std::size_t node, int begin, int end, ShardId shard);

  int shards_;
  int features_;
  bool early_;
  SharedVector zero_;
  std::vector<Node> nodes_;  // children of node i at 2 i + 1 and 2 i + 2
  std::vector<std::size_t> leaf_;
  Vector apart_;                   // a total that is no node's: of one shard, or the caller's
  bool told_ = false;              // the caller's
  Vector left_room_, right_room_;  // d: values that are not kept
};

// sum_p value_p by the same tree, of values that come once each. What is summed is given back:
// where they come in order, no more than log2(P) vectors are held, and half of P at the worst.
class OnceSum {
 public:
  explicit OnceSum(int shards);

  void add(ShardId shard, Vector value);  // once a shard
  const Vector* total() const;            // null: not all have come
  void clear();

 private:
  std::vector<Vector> nodes_;  // as in ShardSum; empty: not known, or in the one above
  std::vector<std::size_t> leaf_;
};

}  // namespace laggard
