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
  // `halt` is the coordinator's word to stop, `crash` the worker's end and `notice` when that is seen.
  enum Stage { depart, receive, look, halt, finish, crash, arrive, answer, notice, timer };

  struct Flight {
    std::int64_t serial = 0;  // tells a task that is sent again from its earlier flight
    WorkerId worker = 0;
    ShardId shard = 0;
    std::int64_t numbers_down = 0;
    std::int64_t numbers_up = 0;
    std::int64_t nonzeros = 0;
    std::shared_ptr<ComputePool::Job> job;
    Deliver deliver;
    Luck luck;
    Report report;
    bool collected = false;  // the mathematics is in the report
    bool halted = false;
    bool received = false;
  };
  struct Worker {
    std::deque<TaskId> queue;  // received, not begun
    TaskId current = -1;       // what it works on; -1: nothing
    std::int64_t begun = 0;    // tasks
    Time ready{};              // takes messages from then on
    bool dead = false;         // and nobody has noticed yet
  };

  void at(Time when, const Flight& flight, Stage stage);
  void fire(const Event& event);
  void on_depart(Flight& flight);
  void on_receive(Flight& flight);
  void begin_next(WorkerId worker);
  void on_look(Flight& flight);
  void on_halt(Flight& flight);
  void on_finish(Flight& flight);
  void on_crash(Flight& flight);
  void on_notice(WorkerId worker);
  void on_arrive(Flight& flight);
  void on_answer(TaskId id);
  void drop(Flight& flight);
  void collect(Flight& flight);
  void end_after(const Flight& flight, Time duration);
  double work_seconds(const Flight& flight, std::int64_t passes, std::int64_t inner_iterations) const;
  Time duration(const Flight& flight, std::int64_t passes, std::int64_t inner_iterations) const;
  Time full_duration(Flight& flight);
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
  std::int64_t next_serial_ = 0;
  EventQueue events_;
  Time now_{};
};

}  // namespace laggard
