// A fleet that exists in virtual time only: real mathematics, a modelled clock, and the same events
// in the same order every time.
#pragma once

#include "core/schedule/fleet.hpp"
#include "runners/sim/compute_pool.hpp"
#include "runners/sim/event_queue.hpp"
#include "runners/sim/network.hpp"
#include "runners/sim/worker_start.hpp"
#include "runners/straggler/straggler.hpp"

#include <deque>
#include <map>
#include <unordered_map>

namespace laggard {

struct SimOptions {
  int workers = 1;
  NetworkOptions network;
  double memory_mb = 1769;  // a function's share of a CPU grows with its memory, up to one CPU here
  int threads = 1;          // for the mathematics
};

class SimFleet final : public Fleet {
 public:
  SimFleet(const SimOptions& options, const WorkerHalf& half,
           std::unique_ptr<const StragglerModel> straggler, std::unique_ptr<const WorkerStart> start);

  int size() const override { return static_cast<int>(workers_.size()); }
  Time now() const override { return now_; }
  bool real_time() const override { return false; }
  void submit(Task task, Deliver deliver) override;
  void revoke(TaskId id) override;
  void wake_at(Time when, std::function<void()> wake) override;
  void run(asio::awaitable<void> main) override;

 private:
  // The stages of a task's flight, in order. `look` comes no later than the task can end: only then
  // does the clock need to know how much work it was, so earlier events may fire while it computes.
  enum Stage { depart, receive, look, finish, arrive, answer, timer };

  struct Flight {
    WorkerId worker = 0;
    ShardId shard = 0;
    std::int64_t bytes_down = 0;
    std::int64_t numbers_down = 0;
    std::shared_ptr<ComputePool::Job> job;
    Deliver deliver;
    Luck luck;
    Report report;
  };
  struct Worker {
    std::deque<TaskId> queue;  // received, not begun
    bool busy = false;
    std::int64_t begun = 0;    // tasks
  };

  void fire(const Event& event);
  void on_receive(TaskId id, Flight& flight);
  void begin_next(WorkerId worker);
  void on_look(TaskId id, Flight& flight);
  void on_finish(TaskId id, Flight& flight);
  void on_arrive(TaskId id, Flight& flight);
  void on_answer(TaskId id, Flight& flight);
  void collect(Flight& flight);
  Time duration(const Flight& flight, std::int64_t passes, std::int64_t inner_iterations) const;
  void settle();

  const WorkerHalf& half_;
  std::unique_ptr<const StragglerModel> straggler_;
  std::unique_ptr<const WorkerStart> start_;
  Network network_;
  double seconds_per_operation_;
  ComputePool pool_;
  std::vector<Worker> workers_;
  std::unordered_map<TaskId, Flight> flights_;
  std::unordered_map<std::int64_t, std::function<void()>> timers_;
  std::int64_t next_timer_;
  EventQueue events_;
  Time now_{};
};

}  // namespace laggard
