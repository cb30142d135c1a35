// A world of unreliable workers in virtual time, for the life cycle: it starts, crashes, duplicates
// and delays them at random, plays a protocol that sends them tasks, and keeps books of its own
// about what may happen. What may not throws Broken.
#pragma once

#include "core/lifecycle/lifecycle.hpp"
#include "core/task/random.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>

namespace laggard::testing {

struct Broken : std::logic_error {
  using std::logic_error::logic_error;
};

// Probabilities: of a start, of a task, or of a process that lost its connection (ghost).
struct Faults {
  double throttle = 0, failed_start = 0, slow_start = 0, dies_loading = 0, duplicate = 0,
         short_life = 0;                                                // start
  double crash = 0, drop = 0, leave = 0, revoke = 0, second_hello = 0;  // task
  double kill_at_hand_over = 0;
  double ghost = 0;
  double told_late = 0;  // an end is noticed by silence only
  double no_reason = 0;  // the end of an invocation is told without a word
};

struct Plan {
  explicit Plan(std::uint64_t seed);

  std::uint64_t seed;
  int workers, rounds, tasks_a_round;
  bool in_rounds;            // sync; else each worker has a stream of tasks of its own
  Time timeout, task, cold;  // the latter two at most
  double invoke_rate;
  bool faultless;
  Faults faults;
};

class World {
 public:
  explicit World(const Plan& plan);
  void run();

  int lost() const { return lost_; }
  int answered() const { return answered_; }
  int faults() const { return faults_; }  // that befell it
  Time now() const { return now_; }
  const Lifecycle& life() const { return life_; }

 private:
  struct Process {  // an environment that serves an invocation
    WorkerKey key;
    Time deadline = kForever;  // it is ended then
    bool alive = true;
    bool connected = false;
    bool ghost = false;  // it goes on without a connection
    std::deque<TaskId> queue;
    TaskId current = -1;
    int epoch = 0;  // of `current`
  };
  using ProcessPtr = std::shared_ptr<Process>;
  struct Known {  // what the life cycle has been told of an incarnation
    bool connected = false, ready = false, over = false;
    std::set<TaskId> open;
  };
  struct Pending {  // a task that is not answered
    WorkerId worker = 0;
    bool sent = false, revoked = false;
  };

  // draws
  double draw();
  bool happens(double p);
  Time between(Time low, Time high);

  void after(Time delay, std::function<void()> event);
  void pump();
  void carry_out(const Action& action);
  void check_books();

  // processes
  void on_invoke(WorkerKey key);
  void start_process(WorkerKey key, bool first);
  void connect(const ProcessPtr& process, bool first);
  void receive(WorkerKey key, TaskId task);
  void begin(const ProcessPtr& process);
  void complete(const ProcessPtr& process, TaskId task);
  void stop(WorkerKey key, TaskId task);
  void die(const ProcessPtr& process, bool told_by_invocation);
  void drop(const ProcessPtr& process);
  void leave(const ProcessPtr& process);
  void kill_all(WorkerKey key);
  ProcessPtr connected(WorkerKey key) const;

  // what the life cycle is told
  void tell_closed(WorkerKey key);
  void tell_ended(WorkerKey key, InvocationEnd end);
  void over(WorkerKey key);

  // the protocol
  void next_round();
  void next_of_stream(WorkerId worker);
  void submit(WorkerId worker, TaskId task);
  void answer(TaskId task, bool reported);
  void attempt_ended(WorkerId worker);
  void finish();

  const Plan plan_;
  Lifecycle life_;
  std::map<std::pair<Time, std::int64_t>, std::function<void()>> agenda_;
  std::int64_t next_event_ = 0;
  std::uint64_t next_draw_ = 0;
  Time now_{}, tick_ = kForever;

  std::map<std::pair<WorkerId, Incarnation>, Known> known_;
  std::multimap<std::pair<WorkerId, Incarnation>, ProcessPtr> processes_;
  std::vector<Incarnation> last_;  // by worker
  std::map<TaskId, Pending> pending_;
  std::vector<std::pair<TaskId, bool>> answers_;  // to be told, true: not lost
  std::vector<std::deque<TaskId>> unsent_;        // by worker, in the order submitted
  TaskId next_task_ = 0;
  int round_ = 0;
  std::vector<int> left_;  // of each worker's stream
  bool finished_ = false;
  int lost_ = 0, answered_ = 0, faults_ = 0;
};

}  // namespace laggard::testing
