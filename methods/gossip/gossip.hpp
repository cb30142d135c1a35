// Gossip: a model at each node, mixed with its neighbours'.                       [math 10.3]
#pragma once

#include "core/method/coordinator_half.hpp"
#include "core/method/shard_sum.hpp"
#include "core/problem/regularizer.hpp"
#include "core/task/precision.hpp"
#include "methods/gossip/mixing.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace laggard {

enum class GossipOrder {
  combine_first,  // the gradient is taken at the mixture
  dpsgd           // at the node's own model
};

struct GossipOptions {
  GossipOrder order = GossipOrder::combine_first;
  double alpha = 0;                      // the step
  double samples = 1;                    // N
  Precision precision = Precision::f64;  // models and points are rounded to it
};

// Where the coordinator stands in for all nodes: a task brings the point at which node k takes its
// gradient, and what it reports makes the node's next model. Nodes may be some rounds ahead of the
// slowest; update r takes the models of round r. z is their mean.
class Gossip final : public CoordinatorHalf {
 public:
  // advice: of the step, where a run diverged. `regularizer` is smooth and must outlive this.
  Gossip(Mixing mixing, int features, const Regularizer& regularizer, const GossipOptions& options,
         std::function<std::string()> advice = {});

  int shards() const override { return mixing_.nodes(); }
  int features() const override { return features_; }
  const SharedVector& z() const override { return z_; }
  double rho() const override { return 0; }
  std::int64_t most_numbers_up() const override { return features_ + 1; }
  std::span<const ShardId> neighbours(ShardId shard) const override;
  double spectral_gap() const override { return spectral_gap_; }
  void form(Task& task) const override;
  void accept(const Task& task, Contribution contribution) override;
  void persist(StateArchive& archive) override;
  std::string advice_on_divergence() const override { return advice_ ? advice_() : ""; }
  Residuals update(Absent absent) override;

  const Vector& model(ShardId node) const { return *models_[index(node)].front(); }

 private:
  static std::size_t index(int node) { return static_cast<std::size_t>(node); }
  Vector mixture(ShardId node) const;
  SharedVector share(Vector vector) const;

  Mixing mixing_;
  int features_;
  const Regularizer& regularizer_;
  GossipOptions options_;
  std::function<std::string()> advice_;
  double spectral_gap_;
  std::vector<std::vector<ShardId>> neighbours_;
  std::shared_ptr<const ReportShape> report_;     // the gradient and the value
  std::vector<std::deque<SharedVector>> models_;  // by node, from the round of the last update on
  ShardSum sum_;
  SharedVector z_;
};

}  // namespace laggard
