// Consensus ADMM in scaled form: the half of the method that lives at the coordinator.  [math 2]
#pragma once

#include "core/method/shard_sum.hpp"
#include "core/problem/regularizer.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// How rho follows the residuals. factor = 1 means that it stays fixed.
struct PenaltyPolicy {
  double mu = 10;
  double factor = 2;

  std::string text() const;  // canonical: "residual_balancing:mu=10,factor=2" or "fixed"
};
// Throws Error naming what is expected.
PenaltyPolicy parse_penalty_policy(std::string_view text);

struct ConsensusOptions {
  double rho = 1;
  double relaxation = 1;   // alpha in (0, 2)
  PenaltyPolicy policy;
  bool literal = false;    // the paper's listing taken literally, see [math 2]
};

// What an update came to; the norms are those that the stopping rules need.
struct Residuals {
  double primal = 0;       // r                                                        [math 2.5]
  double dual = 0;         // s                                                        [math 2.6]
  double norm_x = 0;       // sqrt(sum_p norm(x_p)^2)
  double norm_z = 0;
  double norm_y = 0;       // sqrt(sum_p rho_p^2 norm(u_p)^2)
  bool all_accepted = false;  // every shard has had a report accepted
};

class Consensus {
 public:
  // `regularizer` must outlive it.
  Consensus(const Regularizer& regularizer, int shards, int features, const ConsensusOptions& options);

  int shards() const { return static_cast<int>(shards_.size()); }
  int features() const { return features_; }
  const SharedVector& z() const { return z_; }  // the newest iterate
  double rho() const { return rho_; }           // of the tasks formed from now on

  // Fills in what a task for `shard` carries: z, omega, q, rho.                       [math 2.1]
  void form(ShardId shard, Task& task) const;

  // Accepts the answer to a task that was formed with z_task and rho_task.            [math 2.3]
  void accept(ShardId shard, Contribution contribution, const SharedVector& z_task, double rho_task);

  // z <- prox_{h / sum rho_p}(v), then the residuals, then rho for the tasks to come. [math 2.4]
  Residuals update();

 private:
  struct ShardState {
    SharedVector omega;      // x_p + u_p, over-relaxed where asked
    SharedVector z;          // of the task behind the accepted report
    Vector x;                // x_p
    double rho = 0;          // rho_p
    double x_squared = 0;    // norm(x_p)^2
    double u_squared = 0;    // norm(u_p)^2
    bool accepted = false;
  };

  void minimise_z();
  Residuals measure() const;
  void adapt_rho(const Residuals& residuals);

  const Regularizer& regularizer_;
  ConsensusOptions options_;
  int features_;
  double rho_;
  SharedVector z_, z_old_;
  std::vector<ShardState> shards_;
  ShardSum sum_;
  double literal_primal_ = 0;  // r of the previous update, which the literal reading uses
};

}  // namespace laggard
