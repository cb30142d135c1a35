// Consensus ADMM in scaled form: the half of the method that lives at the coordinator.  [math 2]
#pragma once

#include "core/method/coordinator_half.hpp"
#include "core/method/penalty.hpp"
#include "core/method/shard_sum.hpp"
#include "core/problem/regularizer.hpp"
#include "core/task/precision.hpp"
#include "methods/admm/admm_task.hpp"
#include "methods/admm/anderson.hpp"

#include <memory>
#include <span>
#include <vector>

namespace laggard {

struct ConsensusOptions {
  double rho = 1;
  double relaxation = 1;  // alpha in (0, 2)
  PenaltyPolicy policy;
  SharedVector weight = nullptr;         // w of the norms in [math 2.2, 2.4]; null: all 1
  int memory = 0;                        // m of the acceleration [math 2.8]; 0: none
  double gamma = 0;                      // weight of gamma/2 norm(z - z_old)_w^2 in the z-update
  bool literal = false;                  // the paper's listing taken literally, see [math 2]
  bool common_dual = false;              // LambdaML's code: all duals move alike [math 12.2]
  Precision precision = Precision::f64;  // z is rounded to it at every update
};

class Consensus final : public CoordinatorHalf {
 public:
  // `regularizer` must outlive it.
  Consensus(const Regularizer& regularizer, int shards, int features,
            const ConsensusOptions& options);

  int shards() const override { return static_cast<int>(shards_.size()); }
  int features() const override { return features_; }
  const SharedVector& z() const override { return z_; }
  double rho() const override { return rho_; }
  std::int64_t most_numbers_down() const override;
  void form(Task& task) const override;                               // [math 2.1]
  void accept(const Task& task, Contribution contribution) override;  // [math 2.3]
  // z <- prox_{h / sum rho_p}(v), then the residuals, then rho for the tasks to come. [math 2.4]
  Residuals update(Absent absent = Absent::reuse) override;
  void persist(StateArchive& archive) override;

 private:
  // One of the last omega_p, and how far its task moved it.
  struct Point {
    OperandName name = kZeroOperand;  // the task whose answer it was
    SharedVector omega;               // x_p + u_p, over-relaxed where asked
    SharedVector step;                // omega_p less what the task had of it; null: not asked for
  };
  // What a point of the acceleration was, for one shard: a place of its ring, and the name there.
  struct Mark {
    int place = 0;
    OperandName name = kZeroOperand;
  };
  // Of the steps of two points, in the norm of w.
  struct Product {
    OperandName of = kZeroOperand, with = kZeroOperand;
    double value = 0;
  };
  struct ShardState {
    std::vector<Point> ring;      // by place, taken in turn
    int newest = 0;               // the place of the accepted one
    std::vector<Mark> marks;      // by place of the acceleration's points
    std::vector<double> mixture;  // omega_p is this sum over the ring; empty: the newest alone
    bool stepped = false;         // its newest point is of this epoch
    std::vector<Product> early;   // by place of the acceleration's points; see multiply()
    SharedVector z;               // of the task behind the accepted report
    Vector x;                     // x_p
    double rho = 0;               // rho_p
    double x_squared = 0;         // norm(x_p)^2
    double moved_squared = 0;     // norm(x_p - z of the task)^2; known in a plain round alone
    double y_squared = 0;         // norm(w u_p)^2
    double gradient_norm = 0;
    // In the norm of w, for relative balancing: x_p - z of the task, that z less the one of the
    // task before, x_p and u_p.
    double step_squared = 0, drift_squared = 0, x_size = 0, u_size = 0;
    int accepted = 0;    // reports, up to two
    bool fresh = false;  // accepted since the last update
  };

  std::size_t places() const { return shards_.front().ring.size(); }
  std::vector<double> coefficients(const ShardState& shard) const;
  int free_place(const ShardState& shard) const;
  std::vector<Summand> terms(const ShardState& shard) const;  // of its mixture
  void leave_out_absent();
  void accelerate(Absent absent);
  void begin_epoch();
  void forget_lost_points();
  const Point& point(const ShardState& shard, int place) const;
  Product product(const Point& newest, const Point& other) const;
  void multiply(ShardState& shard) const;
  double sum_of_products(int place, int other) const;
  Vector total_of_point(int place);
  void mix();
  void set_mixtures();
  void minimise_z();
  void move_duals_alike();
  Residuals measure() const;
  double primal_squared() const;
  void adapt_rho(const Residuals& residuals);
  bool rho_is_settled() const;
  double wanted_factor(const Residuals& residuals) const;
  // norm(w a - w b)^2 and norm(a - b)_w^2.
  double dual_distance(const Vector& a, const Vector& b) const;
  double distance(const Vector& a, const Vector& b) const;

  const Regularizer& regularizer_;
  ConsensusOptions options_;
  int features_;
  double rho_;
  SharedVector zero_, z_, z_old_;
  std::shared_ptr<const ReportShape> report_;
  std::vector<ShardState> shards_;
  ShardSum sum_;
  Anderson anderson_;
  bool sum_lags_ = false;       // it holds none of the mixtures of the newest point yet
  std::vector<Vector> totals_;  // by place of its points: sum_p rho_p T(omega)_p
  // All reports since the last update are of one z, the newest, and of a shard each: a round of
  // sync, once all have come.
  bool plain_round_ = true;
  OnceSum moved_;              // of x_p - z in a plain round
  std::int64_t epoch_ = 0;     // points of the acceleration, changes of rho and common duals so far
  std::int64_t reports_ = 0;   // accepted since rho last changed
  int changes_ = 0;            // of rho
  double literal_primal_ = 0;  // r of the previous update, which the literal reading uses
};

}  // namespace laggard
