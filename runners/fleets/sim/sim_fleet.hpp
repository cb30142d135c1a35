// A fleet that exists in virtual time only: real mathematics, a modelled clock, and the same events
// in the same order every time.
#pragma once

#include "core/lifecycle/function_options.hpp"
#include "core/lifecycle/lifecycle.hpp"
#include "core/schedule/fleet.hpp"
#include "core/task/operands.hpp"
#include "core/task/task_table.hpp"
#include "runners/fleets/sim/compute_pool.hpp"
#include "runners/fleets/sim/event_queue.hpp"
#include "runners/fleets/sim/network.hpp"
#include "runners/fleets/straggler/straggler.hpp"

#include <deque>
#include <map>
#include <set>
#include <unordered_map>

namespace laggard {

// What a task takes on a worker: (passes x nonzeros + dense work + vector_operations x inner
// iterations x d) x seconds_per_operation / its share of a CPU + task_overhead. [math 9]
struct WorkPrice {
  double seconds_per_operation = 0;
  double vector_operations = 0;   // of length d, an inner iteration
  double task_overhead = 0;       // seconds
  double full_cpu_memory_mb = 1;  // a worker with less memory has less than one CPU
};

struct SimOptions {
  int workers = 1;
  WorkPrice work;
  NetworkOptions network;
  // Worker w is invoked at w / function.invoke_rate, is up `cold_start` seconds later, and the tail
  // that its start may have, and then loads its shards. A cold start of 0 means that there is
  // nothing of all that: workers are ready as soon as they are invoked, all at 0.
  double cold_start = 0;
  FunctionOptions function;
  std::vector<Time> load;  // by worker; empty: no time
  // By worker: the shards that it loads then. Any other is fetched with the first task for it.
  // Empty: all hold all.
  std::vector<std::vector<ShardId>> placement;
  int threads = 1;      // for the mathematics
  bool priced = false;  // whether a worker is an invocation that somebody would pay
  // How errors call a number, by the name of its constant; what is not there is an option.
  std::map<std::string, std::string, std::less<>> said_by;
};

class SimFleet final : public Fleet {
 public:
  SimFleet(const SimOptions& options, const WorkerHalf& half,
           std::unique_ptr<const StragglerModel> straggler);

  int size() const override { return static_cast<int>(workers_.size()); }
  Time now() const override { return now_; }
  bool real_time() const override { return false; }
  bool direct_links() const override { return options_.network.topology == Topology::direct; }
  void submit(const Task& task, Deliver deliver) override;
  void revoke(TaskId id) override;
  void wake_at(Time when, std::function<void()> wake) override;
  bool pass_time(const bool& waiting) override;
  void run(asio::awaitable<void> main) override;
  std::vector<LifeRow> lives() const override { return lifecycle_.rows(); }
  std::optional<FleetCost> cost() const override;
  std::optional<Mathematics> mathematics() const override {
    return Mathematics{pool_.computed(), pool_.held_up()};
  }

 private:
  // The stages of a task's flight, in order. `look` comes no later than the task can end: only then
  // does the clock need to know how much work it was, so earlier events may fire while it computes.
  // `halt` is the coordinator's word to stop, `crash` the worker's end and `notice` when that is
  // seen. The last ones are of incarnations: the function is up, has loaded its shards, is ended by
  // the platform; and `tick`, the life cycle's timer.
  enum Stage {
    depart,
    receive,
    look,
    halt,
    finish,
    crash,
    arrive,
    answer,
    notice,
    timer,
    up,
    loaded,
    expire,
    tick
  };

  struct Flight {
    std::int64_t serial = 0;  // tells a task that is sent again from its earlier flight
    WorkerId worker = 0;
    Incarnation incarnation = 0;  // whom it was sent to; 0: nobody yet
    ShardId shard = 0;
    MessageSize answer;  // the report's, or that of one without a contribution
    std::int64_t nonzeros = 0;
    std::optional<double> seconds;  // what it takes, where that is given
    const Task* task = nullptr;
    std::shared_ptr<ComputePool::Computation> computation;  // null: it is made when it is needed
    Deliver deliver;
    Slowdown slowdown;
    Time fetch{};  // of the shard, before the work
    Report report;
    bool collected = false;  // the mathematics is in the report
    bool halted = false;
    bool received = false;
  };
  struct Worker {
    std::int64_t begun = 0;       // tasks, by all its incarnations
    Incarnation incarnation = 0;  // the one that is sent tasks; the rest is about it
    KnownOperands known;
    std::set<ShardId> fetched;  // beside those of its placement
    std::deque<TaskId> queue;   // received, not begun
    TaskId current = -1;        // what it works on; -1: nothing
    Time paused_until{};        // by the platform: until then it hears nothing
    double host_factor = 1;     // on the time of its computations
    bool dead = false;          // and nobody has noticed yet
  };

  void at(Time when, const Flight& flight, Stage stage);
  std::string said_by(std::string_view constant) const;
  std::string_view longest_part(const Flight& flight, Stage stage) const;
  void fire(const Event& event);
  void on_depart(Flight& flight);
  void await_messages(Flight& flight);
  void on_receive(Flight& flight);
  void begin(Flight& flight);
  void begin_next(WorkerId worker);
  Time fetch_time(const Flight& flight);
  void on_look(Flight& flight);
  void on_halt(Flight& flight);
  void on_finish(Flight& flight);
  void on_crash(Flight& flight);
  void on_arrive(Flight& flight);
  void on_answer(Flight& flight);
  void drop(Flight& flight);
  void abandon(Flight& flight);
  void collect(Flight& flight);
  void end_after(const Flight& flight, Time duration);
  double work_seconds(const Flight& flight, const Contribution& work) const;
  Time duration(const Flight& flight, const Contribution& work) const;
  Time full_duration(Flight& flight);
  Worker& worker_of(const Flight& flight) {
    return workers_[static_cast<std::size_t>(flight.worker)];
  }
  bool reaches(const Flight& flight);  // whom it was sent to lives

  // Carries out what the life cycle decides.
  void act(bool submitting = false);
  void carry_out(const Action& action, bool submitting);
  void void_report(Flight& flight);
  void on_invoke(WorkerKey key);
  void on_send(WorkerKey key, Flight& flight, bool submitting);
  void on_worker_event(const Event& event);
  void plan(WorkerKey key, Time after, Stage stage, std::string_view constant);
  void give_back(Flight& flight);  // the task's flight is over

  const WorkerHalf& half_;
  Contribution least_work_;  // of any task
  std::unique_ptr<const StragglerModel> straggler_;
  SimOptions options_;
  Network network_;
  double seconds_per_operation_;  // on the memory that workers have
  ComputePool pool_;
  std::vector<Worker> workers_;
  Lifecycle lifecycle_;
  Time tick_ = kForever;         // when the life cycle's timer is set to
  std::vector<Action> actions_;  // of the life cycle, as they are carried out
  TaskTable<Flight> flights_;
  std::unordered_map<std::int64_t, std::function<void()>> timers_;
  std::int64_t next_timer_;
  std::int64_t next_serial_ = 0;
  EventQueue events_;
  Time now_{};
};

}  // namespace laggard
