// A small problem, what a worker is told about it, and what it is to compute.
#pragma once

#include "core/method/make_method.hpp"
#include "core/wire/work.hpp"
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
  work.loss = whole.loss->spec();
  work.samples = whole.data->samples();
  work.features = whole.features();
  work.shards = whole.shards;
  work.identity = whole.data->identity;
  work.own = std::move(own);
  work.workers = 2;
  return work;
}

inline Task prox_task(const Problem& whole, TaskId id, ShardId shard) {
  std::mt19937_64 random(static_cast<std::uint64_t>(id) + 1);
  Task task;
  task.id = id;
  task.shard = shard;
  task.rho = 0.7;
  task.q = 1.25;
  task.z = std::make_shared<Vector>(draw_vector(random, whole.features()));
  task.omega = std::make_shared<Vector>(Vector::Zero(whole.features()));
  return task;
}

// By the whole problem, in this process.
inline Contribution computed_here(const Work& work, const Problem& whole, const Task& task) {
  MethodOptions options;
  options.name = work.method;
  options.solver = work.solver;
  Workspace scratch;
  const std::atomic<bool> stop{false};
  return make_worker_half(options, whole)->compute(task, scratch, stop);
}

}  // namespace laggard
