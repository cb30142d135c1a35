// Minibatch gradient descent at the workers, whose models are averaged (MA-SGD). Both halves.
// [math 11.4]
#pragma once

#include "core/method/batches.hpp"
#include "core/method/gradient_sum.hpp"
#include "core/method/shard_sum.hpp"

#include <functional>
#include <string>
#include <vector>

namespace laggard {

// Steps over some batches of the shard, one after the other, from z. Reports where they lead.
class LocalSgdWalk final : public GradientSum {
 public:
  LocalSgdWalk(const Problem& problem, const BatchOptions& options, Precision precision)
      : GradientSum(problem, precision), batches_(problem, options) {}

  Contribution compute(const Task& task, Workspace& scratch,
                       const std::atomic<bool>& stop) const override;
  std::int64_t nonzeros(const Task& task) const override;  // of all its batches

 private:
  Batches batches_;
};

struct LocalSgdOptions {
  StepSchedule step;
  std::int64_t batches = 1;                  // nb, of an epoch
  std::int64_t stretch = 1;                  // H: batches of a task, at most nb
  double lambda = 0;                         // the curvature of h
  std::int64_t samples = 1;                  // N
  std::vector<double> weight;                // by shard: what its model counts
  std::function<std::string()> advice = {};  // after a run that diverged
  bool swaps = false;  // a worker goes on from what its report replaced, not from its report
  Precision precision = Precision::f64;
};

// Task t = 0, 1, ... of a shard: the next batches from z, which update `made_by` made.
void form_walk(Task& task, const LocalSgdOptions& options, std::int64_t t, SharedVector z,
               std::int64_t made_by);

// z <- the mean of the shards' models by their weights.                              (11.2)
class LocalSgd final : public CoordinatorHalf {
 public:
  // worker: the other half; must outlive it.
  LocalSgd(const WorkerHalf& worker, const LocalSgdOptions& options);

  int shards() const override { return static_cast<int>(shards_.size()); }
  int features() const override { return worker_.features(); }
  const SharedVector& z() const override { return z_; }
  double rho() const override { return 0; }
  void form(Task& task) const override;
  void accept(const Task& task, Contribution contribution) override;
  void persist(StateArchive& archive) override;
  std::string advice_on_divergence() const override { return options_.advice(); }
  Residuals update(Absent absent) override;

 private:
  struct ShardState {
    bool accepted = false, fresh = false;
  };

  const WorkerHalf& worker_;
  LocalSgdOptions options_;
  std::shared_ptr<const ReportShape> report_;
  std::vector<ShardState> shards_;
  ShardSum sum_;
  std::int64_t k_ = 0;  // updates made
  SharedVector z_;
};

// z is a slot that workers read and write, each when it comes to it: a report replaces z, whatever
// others wrote since the worker read it (siren).                                   [math 11.5]
class ModelSlot final : public CoordinatorHalf {
 public:
  // worker: the other half; must outlive it.
  ModelSlot(const WorkerHalf& worker, const LocalSgdOptions& options);

  int shards() const override { return static_cast<int>(readers_.size()); }
  int features() const override { return worker_.features(); }
  const SharedVector& z() const override { return z_; }
  double rho() const override { return 0; }
  void form(Task& task) const override;
  void accept(const Task& task, Contribution contribution) override;
  void persist(StateArchive& archive) override;
  std::string advice_on_divergence() const override { return options_.advice(); }
  std::optional<std::int64_t> writes_lost() const override { return writes_lost_; }
  Residuals update(Absent absent) override;

 private:
  // The worker of a shard.
  struct Reader {
    SharedVector read;         // swaps: what it goes on from
    std::int64_t made_by = 0;  // the update that made that
    std::int64_t written = 0;  // reports taken
  };
  struct Write {
    ShardId shard;
    std::int64_t made_by;  // of what the model was computed from
    SharedVector model;
  };

  const WorkerHalf& worker_;
  LocalSgdOptions options_;
  std::shared_ptr<const ReportShape> report_;
  std::vector<Reader> readers_;
  std::optional<Write> write_;  // of the coming update
  std::int64_t k_ = 0;          // updates made
  std::int64_t writes_lost_ = 0;
  SharedVector z_;
};

}  // namespace laggard
