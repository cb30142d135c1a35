// A fleet of threads on the real clock, in one process.
#pragma once

#include "core/method/worker_half.hpp"
#include "core/schedule/fleet.hpp"
#include "core/task/operands.hpp"
#include "runners/fleets/straggler/straggler.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace laggard {

// One thread a worker, each serving its tasks in order. Stragglers really take that much longer: a
// task waits for its pause, whoever tells it to stop, and having computed for t seconds of its
// thread's CPU time for (factor - 1) t more. A task begins when it has come and its worker is free:
// waiting for a core is part of its time. The tail of a worker's start comes before its first task.
class ThreadFleet final : public Fleet {
 public:
  // Throws FleetError where the system gives too few threads.
  ThreadFleet(int workers, const WorkerHalf& half, std::unique_ptr<const StragglerModel> straggler);
  ~ThreadFleet() override;  // stops what is under way and joins

  int size() const override { return static_cast<int>(workers_.size()); }
  Time now() const override;
  bool real_time() const override { return true; }
  void submit(const Task& task, Deliver deliver) override;
  void revoke(TaskId id) override;
  void wake_at(Time when, std::function<void()> wake) override;
  void run(asio::awaitable<void> main) override;

 private:
  struct Pending {
    Task task;
    Deliver deliver;
    Time received{};                // by the worker's queue
    Time revoked = kForever;        // set before `stop`
    std::atomic<bool> stop{false};  // revoked, or the fleet ends
  };
  struct Worker {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::shared_ptr<Pending>> queue;
    std::shared_ptr<Pending> current;
    KnownOperands known;  // the loop's own
    // The thread's own.
    Incarnation incarnation = 0;
    double host_factor = 1;  // of the incarnation
    std::int64_t begun = 0;  // tasks, by all incarnations
    Time free{};             // since then it would have begun a task
    bool closing = false;
    std::thread thread;
  };

  void close();
  void serve(WorkerId w);
  void begin_life(WorkerId w);
  void work(Worker& worker, Pending& pending, Workspace& scratch, const Slowdown& slowdown,
            Report& report);
  void lose(WorkerId w, const std::shared_ptr<Pending>& pending, Report report);
  void post(const std::shared_ptr<Pending>& pending, Report report);
  void straggle(Worker& worker, const std::atomic<bool>& stop, Time until);

  const WorkerHalf& half_;
  std::unique_ptr<const StragglerModel> straggler_;
  std::mutex straggler_mutex_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::unordered_map<TaskId, std::shared_ptr<Pending>>
      pending_;  // not yet delivered; the loop's own
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace laggard
