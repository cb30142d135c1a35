// When the workers of a simulated fleet become ready.                              [math 9]
#pragma once

#include "core/types.hpp"

#include <utility>
#include <vector>

namespace laggard {

// The one question that the fleet asks about the life of its workers.
class WorkerStart {
 public:
  virtual ~WorkerStart() = default;
  // From when on the worker takes messages: started, connected, its shards loaded.
  virtual Time ready_at(WorkerId worker) const = 0;
  // How long a lost worker takes from being started anew until it is ready.
  virtual Time restart(WorkerId worker) const = 0;
};

// Worker w is invoked at w / invoke_rate, is up `cold_start` seconds later and then loads its
// shards. A cold start of 0 means that all workers are ready at once.
class ColdStart final : public WorkerStart {
 public:
  ColdStart(double cold_start, double invoke_rate, std::vector<Time> load)
      : cold_start_(cold_start), invoke_rate_(invoke_rate), load_(std::move(load)) {}

  Time ready_at(WorkerId worker) const override {
    if (cold_start_ == 0) return Time{};
    return from_seconds(worker / invoke_rate_) + restart(worker);
  }
  Time restart(WorkerId worker) const override {
    if (cold_start_ == 0) return Time{};
    return from_seconds(cold_start_) + load_[static_cast<std::size_t>(worker)];
  }

 private:
  double cold_start_, invoke_rate_;
  std::vector<Time> load_;  // by worker
};

}  // namespace laggard
