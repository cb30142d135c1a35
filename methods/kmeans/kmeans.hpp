// k-means by Lloyd's iteration. Both halves.                                        [math 12.1]
#pragma once

#include "core/method/method.hpp"
#include "core/method/shard_sum.hpp"
#include "methods/kmeans/centres.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace laggard {

// One vector, the sums of the rows that are nearest to each centre (K x d), and K + 1 scalars: how
// many these are, and their squared distances together.
class SumsByCentre final : public WorkerHalf {
 public:
  // The vector is rounded to `precision`.
  SumsByCentre(const Problem& problem, std::int64_t clusters, Precision precision);

  // Looks at `stop` between blocks of rows.
  Contribution compute(const Task& task, Workspace& scratch,
                       const std::atomic<bool>& stop) const override;
  int features() const override { return static_cast<int>(clusters_) * problem_.features(); }
  std::int64_t nonzeros(const Task& task) const override {
    return problem_.shard(task.shard).nonzeros();
  }
  std::int64_t shard_bytes(ShardId shard) const override {
    return load_bytes(problem_.shard(shard));
  }
  std::int64_t min_passes() const override { return clusters_ + 1; }

 private:
  Problem problem_;
  std::int64_t clusters_;
  Precision precision_;
  std::deque<LoadedShard> shards_;
};

struct KMeansOptions {
  std::int64_t clusters = 8;   // K
  double threshold = 0;        // the run ends once the centres move less on average
  bool mean_of_means = false;  // the exhibit: the mean of the shards' own centres
  Precision precision = Precision::f64;
};

// c_k <- sum_p S_pk / sum_p m_pk; a centre without a row stays.                          (12.1)
class KMeans final : public CoordinatorHalf {
 public:
  // start: K x d.
  KMeans(const Problem& problem, Vector start, const KMeansOptions& options);

  int shards() const override { return static_cast<int>(shards_.size()); }
  int features() const override { return static_cast<int>(z_->size()); }
  const SharedVector& z() const override { return z_; }
  double rho() const override { return 0; }
  const Objective* objective() const override { return &objective_; }
  std::int64_t most_numbers_up() const override { return features() + options_.clusters + 1; }
  void form(Task& task) const override;
  void accept(const Task& task, Contribution contribution) override;
  // Absent::left_out: the sums run over the shards that are there.
  Residuals update(Absent absent) override;
  void persist(StateArchive& archive) override;

 private:
  struct ShardState {
    bool fresh = false;     // accepted since the last update
    bool accepted = false;  // ever
  };

  Eigen::Index d() const { return z_->size() / options_.clusters; }
  // Sums and counts in the place of which the shard's own centres are added up.
  void take_means(Vector& sums) const;
  double mean_move(const Vector& before) const;

  KMeansOptions options_;
  SumOfSquaredDistances objective_;
  std::shared_ptr<const ReportShape> report_;
  std::vector<ShardState> shards_;
  ShardSum sum_;  // of K x d sums, then K counts
  SharedVector z_;
};

}  // namespace laggard
