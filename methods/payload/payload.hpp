// Tasks that take time and weigh bytes, and compute nothing. Both halves.             [math 16]
#pragma once

#include "core/method/coordinator_half.hpp"
#include "core/method/worker_half.hpp"

#include <memory>

namespace laggard {

class PayloadWorker final : public WorkerHalf {
 public:
  PayloadWorker(int features, std::int64_t bytes, double seconds)
      : features_(features), bytes_(bytes), seconds_(seconds) {}

  Contribution compute(const Task& task, Workspace& scratch,
                       const std::atomic<bool>& stop) const override;
  std::optional<double> seconds(const Task& task) const override;  // of a sum: of each of its parts
  int features() const override { return features_; }
  std::int64_t nonzeros(const Task&) const override { return 0; }
  std::int64_t shard_bytes(ShardId) const override { return 0; }
  std::int64_t min_passes() const override { return 0; }

 private:
  int features_;
  std::int64_t bytes_;
  double seconds_;
};

// z stays zero; what is counted is updates.
class Payload final : public CoordinatorHalf {
 public:
  Payload(int shards, int features, std::int64_t bytes, std::int64_t batches);

  int shards() const override { return shards_; }
  int features() const override { return static_cast<int>(z_->size()); }
  const SharedVector& z() const override { return z_; }
  double rho() const override { return 0; }
  std::int64_t most_numbers_down() const override { return bytes_ / 8 + 1; }
  std::int64_t most_numbers_up() const override { return bytes_ / 8 + 1; }
  void form(Task& task) const override;
  void accept(const Task&, Contribution) override {}
  void accept_sum(const Task&, Contribution) override {}
  void persist(StateArchive& archive) override;
  Residuals update(Absent absent) override;

 private:
  int shards_;
  std::int64_t bytes_;
  std::int64_t batches_;  // K
  std::shared_ptr<const ReportShape> report_;
  SharedVector empty_, z_;
  std::int64_t k_ = 0;  // updates made
};

}  // namespace laggard
