// Which rows of a shard a minibatch holds.                                         [math 11.2]
#pragma once

#include "core/io/option_spec.hpp"
#include "core/method/method.hpp"
#include "core/problem/problem.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace laggard {

struct BatchOptions {
  std::int64_t rows = 64;  // B, of a shard
  std::uint64_t seed = 1;
};

// Some rows of a shard.
struct Batch {
  std::shared_ptr<const std::vector<std::uint32_t>> order;  // what `rows` is a part of
  std::span<const std::uint32_t> rows;                      // numbered within the shard, rising
  std::int64_t count = 0;
  bool whole = false;  // all rows of the shard; `rows` is empty then

  // As GradientSum takes it: null for the whole shard.
  const std::span<const std::uint32_t>* only() const { return whole ? nullptr : &rows; }
};

// Batch b of epoch e of shard p depends on (seed, e, p, b) alone. Safe to share between threads.
class Batches {
 public:
  Batches(const Problem& problem, const BatchOptions& options);

  // Empty where the shard has fewer batches.
  Batch of(ShardId shard, std::int64_t epoch, std::int64_t batch) const;
  std::int64_t nonzeros(ShardId shard, std::int64_t epoch, std::int64_t batch) const;

 private:
  using Order = std::vector<std::uint32_t>;
  // The orders of the epochs that a shard was asked for last, batch by batch rising.
  struct Recent {
    std::mutex mutex;
    std::deque<std::pair<std::int64_t, std::shared_ptr<const Order>>> orders;
  };
  std::shared_ptr<const Order> order_of(ShardId shard, std::int64_t epoch) const;

  Problem problem_;
  BatchOptions options_;
  mutable std::deque<Recent> recent_;  // by shard
};

// nb = ceil(ceil(N / P) / B): of an epoch, the same for every shard.
std::int64_t batches_an_epoch(std::int64_t samples, int shards, std::int64_t rows);

// --batch, --global-batch and --batch-seed; --step-size, --step-decay and --weights.
std::vector<OptionSpec> minibatch_options();
// Checks what these say together, before the data is known.
void settle_minibatch_options(MethodSetup& setup);
// What they come to, with the size of a batch for P shards.
BatchOptions batch_options(const OptionValues& values);
// nb, with the data known. Throws Error where a batch was asked for that no shard can fill.
std::int64_t batches_an_epoch(const CoordinatorSetup& setup);

// eta_e, the step of epoch e.
struct StepSchedule {
  double first = 0.1;
  bool decays = false;  // first / sqrt(e + 1)

  explicit StepSchedule(const OptionValues& values);
  double at(std::int64_t epoch) const;
};

// What to say of steps too long: one below 2 / L is stable over any batch, where L is the largest
// of the Lipschitz constants of samples' gradients, h/N in it. Empty for a loss with kinks.
std::string stable_over_batches(const Problem& problem);

// weight A^T loss'(A z) over a batch goes into a step x <- x - eta ((weight G + lambda x) / N).
void take_step(Span x, double eta, double weight, ConstSpan gradient, double lambda, double n);

}  // namespace laggard
