// The life of a fleet's workers, without I/O: events in, actions out. The same code is driven by
// sockets and invocations for real and by the simulator in virtual time.
#pragma once

#include "core/task/task_table.hpp"
#include "core/task/types.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace laggard {

// A worker is a place (0 .. W-1); an incarnation is one invocation that fills it. They are numbered
// from 1 by worker, and what an earlier one still says or a duplicate says is not listened to.
using Incarnation = int;

struct WorkerKey {
  WorkerId worker = 0;
  Incarnation incarnation = 0;
  friend bool operator==(const WorkerKey&, const WorkerKey&) = default;
};

// Silence of so many heartbeats means that the worker is lost. The driver watches the connections
// and calls closed().
inline constexpr Time kHeartbeat = std::chrono::seconds(1);
inline constexpr int kHeartbeatsMissed = 3;

struct LifecycleOptions {
  int workers = 1;
  Time timeout = kForever;  // of the function: an invocation lives at most so long
  Time start_timeout = std::chrono::seconds(60);  // from invoke to ready; then it is given up
  double invoke_rate = kInfinity;  // invocations a second, over the fleet, at most and evenly
                                   // spaced: those that relieve or replace a worker too
  Time backoff =
      std::chrono::milliseconds(200);  // before the first repeated start; doubles, full jitter
  Time backoff_most = std::chrono::seconds(10);
  int most_failed_starts = 10;  // of one worker one after the other; then the fleet fails
  std::uint64_t seed = 1;       // of the jitter
};

struct Action {
  enum class Kind {
    invoke,   // start this incarnation
    send,     // send `task` to it
    revoke,   // tell it to drop `task`
    goodbye,  // it is not needed any more: tell it to end
    close,    // drop its connection, and cancel its invocation
    lost,     // `task` was with a worker that is lost: deliver it as a failure, because of `why`
    dropped,  // `task` was revoked before it was sent: deliver it as revoked, without a
              // contribution
    fail,     // the fleet cannot go on, because of `why`
  };
  Kind kind{};
  WorkerKey key;
  TaskId task = -1;
  std::string why;
};

// How an invocation ended. `retry_after`: at least so long until the next start of the worker.
struct InvocationEnd {
  bool failed = false;     // by an error of the function or of the service
  bool hopeless = false;   // starting it again will not help: the fleet fails at once
  bool throttled = false;  // 429: does not count as a failed start
  bool not_begun = false;  // the invocation did not start
  Time retry_after{};
  std::string why;  // one line
};

// What happened to a worker so far; for results.
struct LifeRow {
  WorkerKey key;
  Time invoked = kForever;
  Time connected = kForever;  // HELLO
  Time ready = kForever;      // shards loaded; ready - invoked is the cold start  [math 8]
  Time ended = kForever;
  bool cold = true;
  bool begun = true;  // false: it was refused, so nobody ran
  std::string end;    // "handed over", "goodbye", or why it was lost
};

class Lifecycle {
 public:
  explicit Lifecycle(const LifecycleOptions& options);
  ~Lifecycle();

  // ---- Events. Each may add actions; `now` never goes back. Events of incarnations that are over
  // are ignored. Every task that is submitted is answered once before finish(): by a report(), or
  // by an action `lost` or `dropped`; then its id may be submitted again. ----
  void start(Time now);                                 // the fleet starts its workers
  void submit(Time now, WorkerId worker, TaskId task);  // sent once the worker is ready, in order
  void revoke(Time now, TaskId task);                   // of a task that was submitted
  // Nothing: welcome. Otherwise why it is refused: over, taken already, unknown.
  std::optional<std::string> hello(Time now, WorkerKey key, Time remaining, bool cold);
  void ready(Time now, WorkerKey key);
  // True: the answer counts and is to be delivered. False: a ghost's, or the second one.
  bool report(Time now, WorkerKey key, TaskId task);
  void leaving(Time now, WorkerKey key, Time remaining);  // it was told to end
  void closed(Time now, WorkerKey key, std::string why);  // its connection ended, or it fell silent
  void invocation_ended(Time now, WorkerKey key, InvocationEnd end);
  void timer(Time now);
  void finish(Time now);  // goodbye to all; no start any more

  // When timer() is to be called next; kForever: no need.
  Time next_timer() const;

  // Takes the actions of the events so far, in order. Those to come are kept in `room`.
  std::vector<Action> take_actions(std::vector<Action> room = {});

  // ---- What is known ----
  bool is_ready(WorkerId worker) const;
  Incarnation current(WorkerId worker) const;  // who is sent tasks; 0: nobody yet
  int hand_overs(WorkerId worker) const;       // planned ones that succeeded
  int losses(WorkerId worker) const;
  const std::vector<LifeRow>& rows() const;  // of all incarnations, in order of start

  // Before an incarnation's end, its successor is invoked: max(10 % of the timeout, 2 x the longest
  // task so far, from sent to reported, + the longest cold start so far), at most half of the
  // timeout; and earlier by the worker's share, at most 20 % of the timeout, so that the fleet's
  // hand-overs are spread.
  Time hand_over_margin() const;

 private:
  struct Life;
  struct Worker;

  Worker& worker(WorkerId id);
  const Worker& worker(WorkerId id) const;
  Life* find(WorkerKey key);  // null: over, or never begun
  void see(Time now);

  void act(Action::Kind kind, WorkerKey key, TaskId task = -1, std::string why = {});
  void invoke(Worker& worker);
  bool awaits_turn(Worker& worker);
  void switch_over(Worker& worker);
  void serve(Worker& worker);
  void end_life(Worker& worker, const Life& life, const InvocationEnd& end);
  void end_row(const Life& life, std::string why);
  void lose_tasks(Worker& worker, const std::string& why);
  void plan_start(Worker& worker, const Life& life, const InvocationEnd& end);
  void fail(std::string why);
  Time backoff(const Worker& worker, int attempt) const;

  void advance(Worker& worker);  // all that follows from the state it is in, at this instant
  void schedule(Worker& worker, Time when);
  void on_due(Worker& worker);
  Time due(const Worker& worker) const;
  Time hand_over_at(const Worker& worker) const;
  Time margin(Time lifetime) const;
  void note_slow(Time& longest, Time measured);

  LifecycleOptions options_;
  std::vector<Worker> workers_;
  TaskTable<WorkerId> place_;                   // of the tasks that are not answered
  std::set<std::pair<Time, WorkerId>> agenda_;  // when each worker's timer is due
  std::vector<Action> actions_;
  std::vector<LifeRow> rows_;
  Time now_{};
  Time longest_task_{}, longest_start_{};
  Time shortest_life_ = kForever;
  Time next_turn_{};   // for whoever is invoked next
  bool over_ = false;  // finished or failed: nothing is started or sent any more
};

}  // namespace laggard
