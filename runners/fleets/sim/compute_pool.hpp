// Threads that do the real mathematics of simulated tasks ahead of virtual time.
#pragma once

#include "core/method/worker_half.hpp"
#include "core/task/stopwatch.hpp"

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

  // A hand-over takes some microseconds: not for tasks that take no longer themselves.
  std::shared_ptr<Computation> start(const Task& task);
  // Returns its result once there is one; throws what it threw. Once for a computation. One that
  // no thread has begun is made here.
  Contribution take(Computation& computation);
  // Makes one on the caller's thread.
  Contribution compute(const Task& task);
  void abandon(Computation& computation);  // nobody will ask for its result

  // What the mathematics took so far, in all threads; and how long the caller computed or waited.
  Time computed() const { return here_.sum() + Time(elsewhere_.load()); }
  Time held_up() const { return here_.sum() + waited_; }

 private:
  bool take_back(const Computation& computation);
  void work();

  const WorkerHalf& half_;
  Workspace scratch_;                    // the caller's
  LapTime<> here_;                       // the caller computed
  Time waited_{};                        // the caller waited
  std::atomic<Time::rep> elsewhere_{0};  // the threads computed
  std::mutex mutex_;
  std::condition_variable started_, finished_;
  std::deque<std::shared_ptr<Computation>> queue_;
  std::vector<std::shared_ptr<Computation>> running_;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace laggard
