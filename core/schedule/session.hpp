// What a protocol is given: tasks to send, reports to await, updates to make, and when to stop.
#pragma once

#include "core/method/consensus.hpp"
#include "core/method/stopping.hpp"
#include "core/observe/digest.hpp"
#include "core/observe/events.hpp"
#include "core/schedule/fleet.hpp"
#include "core/schedule/inbox.hpp"
#include "core/schedule/monitor.hpp"
#include "core/schedule/protocol.hpp"

#include <atomic>
#include <chrono>
#include <optional>
#include <unordered_map>
#include <vector>

namespace laggard {

struct SessionOptions {
  Stopping stopping;
  std::optional<double> target_gap;          // needs `reference`
  std::optional<double> reference;           // phi*
  int max_rounds = 1000;
  Time time_limit = kForever;                // the fleet's own time
  int threads = 1;                           // for phi(z_k), where that is evaluated on the spot
  OptionValues protocol_options;
};

// One run of one protocol on one fleet. Used from the fleet's loop alone. Checks its invariants
// always and throws InvariantViolation where a protocol breaks one.
class Session final {
 public:
  // All references must outlive it. `interrupted` may be set from anywhere, a signal handler too.
  Session(Fleet& fleet, const Problem& problem, Consensus& method, const SessionOptions& options,
          Observer& observer, const std::atomic<bool>& interrupted);

  // ---- For protocols ----

  int shards() const { return method_.shards(); }  // P
  int workers() const { return fleet_.size(); }    // W
  Time now() const { return fleet_.now(); }
  int round() const { return round_; }             // updates made so far

  // False once the run is to end. Asked before each round.
  bool running() const { return !stop_; }

  // Sends the newest z for `shard` to its home worker, shard mod W, or to `worker`.
  TaskId dispatch(ShardId shard) { return dispatch(shard, shard % workers()); }
  TaskId dispatch(ShardId shard, WorkerId worker);
  void dispatch_all();

  // The next report, in order of arrival. Throws Deadlock if nothing is in flight.
  asio::awaitable<Report> next();
  // The same, or nothing once `deadline` has passed.
  asio::awaitable<std::optional<Report>> next_until(Time deadline);

  // Decides a report's fate, once: taken into the next update, or thrown away.
  void accept(Report report);
  void discard(const Report& report);

  // Gives up on a task in flight: its report will not come.
  void revoke(TaskId task);

  // Makes z from all shards, and decides whether the run goes on.                  [math 2.4]
  void update();

  // Rounds between the z behind a report (in flight or arrived) and the coming update: at least 1.
  int staleness(TaskId task) const;
  // What the age of `shard` would be at the coming update if no new report of it were accepted. [math 4]
  int age(ShardId shard) const;

  const OptionValues& options() const { return options_.protocol_options; }

  // ---- For whoever runs it ----

  // Runs `protocol` to its end on the fleet. Called once.
  Summary run(const Protocol& protocol);

 private:
  struct Flight {  // a task whose fate is open
    Task task;
    Time dispatched{};
    int z_round = 0;      // the update that made its z
    int failures = 0;
    bool arrived = false;
    TaskRow row;
  };
  struct Stop {};  // thrown through a protocol that waits when the run is to end

  asio::awaitable<void> body(const Protocol& protocol);
  void submit(const Task& task);
  void deliver(Report report);
  void fail(Flight& flight, const Report& report);
  void stop(StopReason reason, std::string detail = {});
  void check_stop();
  void watch_interrupts();
  void settle(TaskId task, Outcome outcome);
  void on_evaluated(RoundRow row);
  void judge(const Residuals& residuals);
  std::string missing_shards() const;
  Summary summarise();
  double wall_seconds() const;

  Fleet& fleet_;
  const Problem& problem_;
  Consensus& method_;
  SessionOptions options_;
  Observer& observer_;
  const std::atomic<bool>& interrupted_;
  Inbox inbox_;
  std::unique_ptr<ObjectiveMonitor> monitor_;
  std::chrono::steady_clock::time_point wall_start_ = std::chrono::steady_clock::now();

  TaskId next_task_ = 0;
  std::unordered_map<TaskId, Flight> flights_;
  int in_flight_ = 0;                    // submitted and not yet answered
  std::vector<int> last_accept_;         // by shard: the update that took its newest report; 0: none
  std::vector<bool> fresh_;              // by shard: accepted since the last update
  std::vector<WorkerId> holder_;         // by shard: who holds its accepted omega; -1: everyone (it is 0)
  std::vector<Time> last_finished_;      // by worker
  int round_ = 0;
  RoundRow row_;                         // of the coming update, as far as it is known
  RoundRow last_row_;                    // of the last update whose objective is known
  double initial_objective_ = kNaN;

  std::optional<StopReason> stop_;
  std::string stop_detail_;
  Time stopped_at_{};
  std::int64_t bytes_up_ = 0, bytes_down_ = 0, tasks_ = 0, tasks_accepted_ = 0, capped_ = 0;
  Time compute_{};
  Digest schedule_digest_, iterate_digest_;
};

}  // namespace laggard
