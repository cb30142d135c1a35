// A small problem, what a worker is told about it, and what it is to compute.
#pragma once

#include "core/method/method.hpp"
#include "core/wire/work.hpp"
#include "tests/support/methods.hpp"
#include "tests/support/small_problem.hpp"

namespace laggard {

constexpr int kShards = 4;

inline Problem small_whole(unsigned seed = 7, const std::string& loss = "logistic") {
  Problem problem = make_problem(small_data(61, 12, 0.4, seed), loss, "l1:0.1");
  problem.shards = kShards;
  return problem;
}

inline Work work_of(const Problem& whole, std::vector<ShardId> own = {0, 2}) {
  Work work;
  work.method = "admm";
  work.method_options = testing::settled("admm", testing::kTextbook, whole);
  work.loss = whole.loss->spec();
  work.samples = whole.data->samples();
  work.features = whole.features();
  work.most_numbers_down = 2 * whole.features();
  work.shards = whole.shards;
  work.identity = whole.data->identity;
  work.own = std::move(own);
  work.workers = 2;
  return work;
}

inline SharedVector drawn(std::uint64_t seed, const Problem& whole) {
  std::mt19937_64 random(seed);
  return std::make_shared<Vector>(draw_vector(random, whole.features()));
}

// With omega zero.
inline Task prox_task(const Problem& whole, TaskId id, ShardId shard) {
  Task task;
  task.id = id;
  task.shard = shard;
  task.scalars = {0.7, 1.25};  // rho, q
  task.z = drawn(static_cast<std::uint64_t>(id) + 1, whole);
  task.operands = {{kZeroOperand, std::make_shared<Vector>(Vector::Zero(whole.features()))}};
  return task;
}

inline Task gradient_task(const Problem& whole, TaskId id, ShardId shard, std::vector<Part> parts) {
  Task task = prox_task(whole, id, shard);
  task.scalars.clear();
  task.operands.clear();
  task.parts = std::move(parts);
  return task;
}

// Of the whole problem, in this process.
inline std::unique_ptr<const WorkerHalf> half_of(const Work& work, const Problem& whole) {
  return methods().at(work.method).worker(whole, work.method_options, work.precision);
}

inline Contribution computed_here(const Work& work, const Problem& whole, const Task& task) {
  Workspace scratch;
  const std::atomic<bool> stop{false};
  return half_of(work, whole)->compute(task, scratch, stop);
}

}  // namespace laggard
