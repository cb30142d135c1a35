// The half of a method that runs where the data is: task in, contribution out.
#pragma once

#include "core/solver/local_solver.hpp"
#include "core/task/task.hpp"

#include <atomic>
#include <optional>
#include <vector>

namespace laggard {

struct KeptOperand {
  int place = 0;  // among the operands of tasks to come
  Vector value;

  bool operator==(const KeptOperand&) const = default;
};

// Pure: the contribution depends on the task and the shard alone. Safe to call from many threads,
// each with a Workspace of its own.
class WorkerHalf {
 public:
  virtual ~WorkerHalf() = default;
  virtual Contribution compute(const Task& task, Workspace& scratch,
                               const std::atomic<bool>& stop) const = 0;

  // What the worker keeps of its report, so that tasks to come need not bring it: an operand for
  // each of the places in task.kept, which the coordinator's half forms of the contribution to the
  // same bits.
  virtual std::vector<KeptOperand> keep(const Task&, const Contribution&) const { return {}; }

  // How long the task takes, where nothing is computed: fleets wait so long, and as much longer as
  // a straggler does.
  virtual std::optional<double> seconds(const Task&) const { return std::nullopt; }

  virtual int features() const = 0;  // how long z is: d, or a multiple of it
  virtual std::int64_t nonzeros(const Task& task) const = 0;  // the work of a pass of the task
  virtual std::int64_t shard_bytes(ShardId shard) const = 0;  // what loading the shard moves
  virtual std::int64_t min_passes() const = 0;                // the least that any task costs
};

// What loading these rows moves: 12 bytes a nonzero and 16 a row.
std::int64_t load_bytes(const Rows& rows);

}  // namespace laggard
