// The order to a worker and its answer. A task is a pure function of what it carries, so it may be
// repeated, replicated, moved to another worker or thrown away.                     [math 2]
#pragma once

#include "core/task/precision.hpp"
#include "core/task/types.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace laggard {

using SharedVector = std::shared_ptr<const Vector>;

// A shard's share in a coded message.
struct Part {
  ShardId shard = 0;
  double coefficient = 1;
};

// What several tasks of a shard may carry alike, so that it need not cross the wire each time. Of
// the operands of one shard in one place of its tasks, those of one name are one and the same
// vector. A worker forms some itself, of its own reports: those are named by the report's task.
using OperandName = std::int64_t;
inline constexpr OperandName kZeroOperand = -1;  // the vector of zeros, which anybody can form

struct Operand {
  OperandName name = kZeroOperand;
  SharedVector value;
};

// What another worker sent of its own accord: the news that a task is made of.
struct PeerMessage {
  WorkerId from = 0;
  Time sent{};
};

// How many numbers a report has.
struct ReportShape {
  std::vector<std::int64_t> vectors;  // of each vector
  std::int64_t scalars = 0;
  std::int64_t ballast = 0;  // bytes, see Task
};

// What it asks for is the method's affair: here is what it carries.
struct Task {
  TaskId id = 0;
  WorkerId worker = 0;
  ShardId shard = 0;
  std::vector<Part> parts;  // what is summed, of methods whose contributions add up; empty:
                            // the shard alone
  SharedVector z;           // the vector that all tasks of a round share
  std::vector<double> scalars;
  // Bytes beside the numbers that nobody reads: the weight of a model that is not there. They are
  // counted, and sent where messages really go over a wire.
  std::int64_t ballast = 0;
  std::vector<Operand> operands;  // at most kMostOperands
  std::vector<int> kept;  // places of operands that a worker forms of its report, for tasks to come
  std::shared_ptr<const ReportShape> report;  // what the answer must look like; never null
  // The coordinator's books alone: what it waits for where workers talk to each other. Each message
  // weighs as much as the task.
  std::vector<PeerMessage> messages;
  // Likewise the nonzeros that a pass of it sweeps, where these are not all
  // of its shards'.
  std::optional<std::int64_t> nonzeros;
  // Of z and of the report's vectors. Scalars and operands are doubles.
  Precision precision = Precision::f64;
};

inline constexpr int kMostOperands = 32;

// What a worker computes: what a report carries, and what it cost.
struct Contribution {
  std::vector<Vector> vectors;
  std::vector<double> scalars;
  std::int64_t ballast = 0;  // bytes, see Task
  std::int64_t passes = 0;
  std::int64_t inner_iterations = 0;
  // On dense matrices, beside the passes: as many nonzeros of a pass as take that long.
  std::int64_t dense_work = 0;
  bool capped = false;
  bool stopped = false;  // it was told to stop: there is no result
  // Of a local solve: an upper bound of norm(grad g) at what it returned; 0: it is exact.
  // [math 2.6]
  double gradient_norm = 0;

  bool given() const { return !vectors.empty() || !scalars.empty() || ballast > 0; }
  void clear() {
    vectors.clear();
    scalars.clear();
    ballast = 0;
  }
};

// What a message weighs beside its numbers: framing, ids, times, a few scalars of a task.
inline constexpr std::int64_t kMessageHeaderBytes = 64;

struct MessageSize {
  std::int64_t numbers = 0;
  std::int64_t bytes = kMessageHeaderBytes;

  void add(std::int64_t count, Precision precision) {
    numbers += count;
    bytes += count * static_cast<std::int64_t>(number_bytes(precision));
  }
};

// Of a task with those operands whose bits are set in `sent`.
inline MessageSize size_of_task(const Task& task, std::uint32_t sent) {
  MessageSize size;
  size.add(task.z->size(), task.precision);
  size.bytes += task.ballast;
  for (std::size_t i = 0; i < task.operands.size(); ++i)
    if (sent >> i & 1) size.add(task.operands[i].value->size(), Precision::f64);
  return size;
}

// Of the answer to it.
inline MessageSize size_of_report(const Task& task) {
  MessageSize size;
  for (const std::int64_t length : task.report->vectors) size.add(length, task.precision);
  size.add(task.report->scalars, Precision::f64);
  size.bytes += task.report->ballast;
  return size;
}

struct Report {
  TaskId id = 0;
  WorkerId worker = 0;
  ShardId shard = 0;
  Contribution contribution;
  std::string failure;  // why there is no contribution; empty: there is one, or it was revoked
  bool lost = false;    // the failure: the worker was lost, and is started anew
  bool not_finite =
      false;  // the worker met numbers that cannot be sent: no contribution, no failure
  Time started = kForever;   // the worker begins
  Time pause{};              // of the platform, from then on, before it computes
  Time finished = kForever;  // the worker has the report ready
  Time arrived = kForever;   // the coordinator starts processing it
  // From the worker's previous report to its receiving this task, where the worker measures it.
  Time idle = kForever;
};

}  // namespace laggard
