// The methods whose state lives in the coordinator: workers return gradients.      [math 5]
#pragma once

#include "core/method/coordinator_half.hpp"
#include "core/method/shard_sum.hpp"
#include "core/problem/vector_ops.hpp"
#include "core/task/precision.hpp"

#include <cmath>
#include <memory>
#include <optional>
#include <vector>

namespace laggard {

// 1 / L; any step will do where the gradient is constant.
inline double inverse(double lipschitz) { return lipschitz > 0 ? 1 / lipschitz : 1.0; }

inline double distance(const Vector& a, const Vector& b) {
  return std::sqrt(squared_distance(view(a), view(b)));
}

// Keeps the latest gradient of every shard and their sum. What is done with the sum, and at which
// point gradients are asked for, is the method's affair.
class GradientMethod : public CoordinatorHalf {
 public:
  int shards() const final { return static_cast<int>(shards_.size()); }
  int features() const final { return features_; }
  double rho() const override { return 0; }
  std::int64_t most_numbers_up() const final { return features_ + 1; }
  void form(Task& task) const override;
  void accept(const Task& task, Contribution contribution) final;
  // Stands for all shards, in the coming update alone.
  void accept_sum(const Task& task, Contribution sum) final;
  // Absent::left_out: the fresh shards' gradients, times P over their number, stand for the sum.
  Residuals update(Absent absent = Absent::reuse) final;
  void persist(StateArchive& archive) final;

 protected:
  GradientMethod(int shards, int features, Precision precision);

  virtual const SharedVector& point() const = 0;       // where gradients are asked for
  virtual Residuals step(const Vector& gradient) = 0;  // gradient: d, of F
  virtual void persist_own(StateArchive& archive) = 0;

  SharedVector share(Vector vector) const;  // rounded to the method's precision
  const SharedVector& zero() const { return zero_; }
  bool all_fresh() const;  // every shard has had a gradient accepted since the last update
  // The largest squared distance of x from a point where a gradient in the sum was taken.
  double farthest_squared(const Vector& x) const;

 private:
  struct ShardState {
    SharedVector point;  // where its latest gradient was taken
    bool accepted = false;
    bool fresh = false;  // accepted since the last update
  };

  Vector sum_gradients(Absent absent);

  int features_;
  Precision precision_;
  std::shared_ptr<const ReportShape> report_;  // the gradient and the value
  SharedVector zero_;
  std::vector<ShardState> shards_;
  ShardSum sum_;
  std::optional<Vector> decoded_;  // d: in place of the sum
};

}  // namespace laggard
