// Consensus ADMM in scaled form: the half of the method that lives at the coordinator.  [math 2]
#pragma once

#include "core/method/coordinator_half.hpp"
#include "core/method/penalty.hpp"
#include "core/method/shard_sum.hpp"
#include "core/problem/regularizer.hpp"
#include "core/task/precision.hpp"

#include <memory>
#include <vector>

namespace laggard {

struct ConsensusOptions {
  double rho = 1;
  double relaxation = 1;  // alpha in (0, 2)
  PenaltyPolicy policy;
  double gamma = 0;                      // weight of gamma/2 norm(z - z_old)^2 in the z-update
  bool literal = false;                  // the paper's listing taken literally, see [math 2]
  Precision precision = Precision::f64;  // z is rounded to it at every update
};

// The scalars of a task, and its one operand.                                     [math 2.1]
struct AdmmTask {
  enum Scalar { rho, q, scalars };  // q = rho_p / rho
  static constexpr int kOmega = 0;
};

// u' = q (omega - z).                                                              [math 2.1]
Vector rescaled_dual(const Task& task);

// omega = x + u, with relaxation alpha: alpha x + (1 - alpha) z + u. Coordinator and workers form
// it here, to the same bits. `u` becomes omega.                                        [math 2.3]
void add_to_dual(double alpha, const Vector& x, const Vector& z, Vector& u);

class Consensus final : public CoordinatorHalf {
 public:
  // `regularizer` must outlive it.
  Consensus(const Regularizer& regularizer, int shards, int features,
            const ConsensusOptions& options);

  int shards() const override { return static_cast<int>(shards_.size()); }
  int features() const override { return features_; }
  const SharedVector& z() const override { return z_; }
  double rho() const override { return rho_; }
  std::int64_t most_numbers_down() const override { return 2 * features_; }
  void form(Task& task) const override;                               // [math 2.1]
  void accept(const Task& task, Contribution contribution) override;  // [math 2.3]
  // z <- prox_{h / sum rho_p}(v), then the residuals, then rho for the tasks to come. [math 2.4]
  Residuals update(Absent absent = Absent::reuse) override;
  void persist(StateArchive& archive) override;

 private:
  struct ShardState {
    SharedVector omega;                   // x_p + u_p, over-relaxed where asked
    OperandName omega_of = kZeroOperand;  // the task whose answer it was
    SharedVector z;                       // of the task behind the accepted report
    Vector x;                             // x_p
    double rho = 0;                       // rho_p
    double x_squared = 0;                 // norm(x_p)^2
    double u_squared = 0;                 // norm(u_p)^2
    bool accepted = false;
    bool fresh = false;  // accepted since the last update
  };

  void leave_out_absent();
  void minimise_z();
  Residuals measure() const;
  void adapt_rho(const Residuals& residuals);

  const Regularizer& regularizer_;
  ConsensusOptions options_;
  int features_;
  double rho_;
  SharedVector z_, z_old_;
  std::shared_ptr<const ReportShape> report_;
  std::vector<ShardState> shards_;
  ShardSum sum_;
  double literal_primal_ = 0;  // r of the previous update, which the literal reading uses
};

}  // namespace laggard
