// Threads that do the real mathematics of simulated tasks ahead of virtual time.
#pragma once

#include "core/method/worker_half.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace laggard {

class ComputePool {
 public:
  // One task's computation; shared between the fleet and the thread that works on it.
  struct Computation {
    Task task;
    Contribution result;
    std::exception_ptr error;
    std::atomic<bool> stop{false};
    bool done = false;
  };

  // Throws FleetError where the system gives not even one thread.
  ComputePool(const WorkerHalf& half, int threads);
  ~ComputePool();  // stops what is under way

  std::shared_ptr<Computation> start(Task task);
  void wait(const Computation& computation);  // returns once it is done
  void abandon(Computation& computation);     // nobody will ask for its result

 private:
  void work();

  const WorkerHalf& half_;
  std::mutex mutex_;
  std::condition_variable started_, finished_;
  std::deque<std::shared_ptr<Computation>> queue_;
  std::vector<std::shared_ptr<Computation>> running_;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace laggard
