// What a protocol is given: tasks to send, reports to await, updates to make, and when to stop.
#pragma once

#include "core/method/method.hpp"
#include "core/method/stopping.hpp"
#include "core/results/digest.hpp"
#include "core/results/summary.hpp"
#include "core/schedule/fleet.hpp"
#include "core/schedule/inbox.hpp"
#include "core/schedule/monitor.hpp"
#include "core/schedule/protocol.hpp"
#include "core/task/events.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace laggard {

struct SessionOptions {
  Stopping stopping;
  std::optional<double> target_gap;  // needs `reference`
  std::optional<double> reference;   // phi*
  int max_rounds = 1000;
  Time time_limit = kForever;  // the fleet's own time
  int threads = 1;             // for phi(z_k), where that is evaluated on the spot
  OptionValues protocol_options;
  // Given the state after every `checkpoint_every` rounds, and after an update that ends the run.
  std::function<void(int round, std::string state)> checkpoint;
  int checkpoint_every = 1;
};

// One run of one protocol on one fleet. Used from the fleet's loop alone. Checks its invariants
// always and throws InvariantViolation where a protocol breaks one.
class Session final {
 public:
  // All references must outlive it. `interrupted` may be set from anywhere, a signal handler too.
  Session(Fleet& fleet, const Problem& problem, Method& method, const SessionOptions& options,
          Observer& observer, const std::atomic<bool>& interrupted);

  // ---- For protocols ----

  int shards() const { return method_.shards(); }  // P
  int workers() const { return fleet_.size(); }    // W
  Time now() const { return fleet_.now(); }
  int round() const { return round_; }  // updates made so far

  // False once the run is to end. Asked before each round.
  bool running() const { return !stop_; }

  // Sends the newest z for `shard` to its home worker, shard mod W, or to `worker`.
  TaskId dispatch(ShardId shard) { return dispatch(shard, shard % workers()); }
  TaskId dispatch(ShardId shard, WorkerId worker);
  // The same for a coded message, which sums several shards.
  TaskId dispatch_coded(WorkerId worker, std::vector<Part> parts);
  void dispatch_all();
  void dispatch_taken();  // the shards that the last update took a report of
  void dispatch_idle();   // the shards that are not busy

  // The next report, in order of arrival. Throws Deadlock if nothing is in flight.
  asio::awaitable<Report> next();
  // The same, or nothing once `deadline` has passed.
  asio::awaitable<std::optional<Report>> next_until(Time deadline);

  // Decides a report's fate, once: taken into the next update, or thrown away.
  void accept(Report report);
  void discard(const Report& report);
  // Accepts coded reports: the weighted sum of what they carry is the sum over all shards.
  void accept_decoded(std::vector<Report> reports, const std::vector<double>& weights);

  // Gives up on a task: its worker is told to stop, and its report will not be seen.
  void revoke(TaskId task);
  void revoke_shard(ShardId shard);  // all its tasks

  // Makes z, and decides whether the run goes on.                                  [math 2.4]
  void update(Absent absent = Absent::reuse);

  // Ends the run as failed.
  void fail_run(std::string why) { stop(StopReason::fleet_failed, std::move(why)); }

  int accepted() const { return row_.accepted; }  // reports, since the last update
  bool fresh(ShardId shard) const { return fresh_[static_cast<std::size_t>(shard)]; }
  // Whether a task is open for the shard, or with the worker: sent, and not accepted, discarded or
  // revoked.
  bool busy(ShardId shard) const { return !shard_tasks_[static_cast<std::size_t>(shard)].empty(); }
  bool worker_busy(WorkerId worker) const {
    return worker_tasks_[static_cast<std::size_t>(worker)] > 0;
  }

  // Rounds between the z behind a report (in flight or arrived) and the coming update: at least 1.
  int staleness(TaskId task) const;
  // A report computed from an older z than the newest.
  bool late(const Report& report) const { return staleness(report.id) > 1; }
  // The largest age of a shard if the update came now.                              [math 4]
  int oldest_age() const;
  // From now on an update with a larger age is an InvariantViolation.
  void bound_age(std::int64_t tau) { age_bound_ = tau; }
  // From now on a task that is lost with its worker is not sent again unchanged if there is a newer
  // z: its shard is sent that.
  void renew_lost_tasks() { renew_lost_ = true; }
  // What decoding an update's messages came to; the results carry the largest.
  void note_decoding(double error, double condition);

  const OptionValues& options() const { return options_.protocol_options; }

  // ---- For whoever runs it ----

  // Goes on from a state that `checkpoint` was given, in a run of the same problem, method and
  // protocol, on whatever fleet. Tasks that were under way then are dropped. Before run(). Throws
  // Error for bytes that are no such state.
  void resume(std::string_view state);

  // Runs `protocol` to its end on the fleet. Called once.
  Summary run(const Protocol& protocol);

 private:
  using ShardTasks = std::vector<TaskId>;

  struct Flight {  // a task whose fate is open
    Task task;
    Time dispatched{};
    int z_round = 0;  // the update that made its z
    int failures = 0;
    bool arrived = false;
    bool revoked = false;
    TaskRow row;
  };
  struct Stop {};  // thrown through a protocol that waits when the run is to end

  asio::awaitable<void> body(const Protocol& protocol);
  TaskId start(Task task);
  void submit(const Task& task);
  void deliver(Report report);
  void fail(Flight& flight, const Report& report);
  void forget(const Flight& flight);  // its shard and its worker are not busy with it any more
  std::optional<Report> pop();
  void record(Flight& flight, const Report& report);
  Flight& arrived(const Report& report);
  void stop(StopReason reason, std::string detail = {});
  void check_stop();
  void watch_interrupts();
  void settle(TaskId task, Outcome outcome);
  void tell(Flight& flight, Outcome outcome);
  void on_evaluated(Iterate iterate);
  void judge_objective(const Iterate& iterate);
  void persist(StateArchive& archive);
  void keep_checkpoint();
  void judge(const Residuals& residuals);
  std::string missing_shards() const;
  Summary summarise();
  double wall_seconds() const;

  Fleet& fleet_;
  const Problem& problem_;
  Method& method_;
  SessionOptions options_;
  Observer& observer_;
  const std::atomic<bool>& interrupted_;
  Inbox inbox_;
  std::unique_ptr<ObjectiveMonitor> monitor_;
  std::chrono::steady_clock::time_point wall_start_ = std::chrono::steady_clock::now();

  TaskId next_task_ = 0;
  std::unordered_map<TaskId, Flight> flights_;
  int in_flight_ = 0;                    // submitted and not yet answered
  std::vector<ShardTasks> shard_tasks_;  // by shard: open
  std::vector<int> worker_tasks_;        // by worker: how many open
  std::vector<ShardId> taken_;           // by the last update
  std::int64_t age_bound_ = std::numeric_limits<int>::max();
  bool renew_lost_ = false;
  double decode_error_ = kNaN, condition_ = kNaN;
  std::vector<int> last_accept_;     // by shard: the update that took its newest report; 0: none
  std::vector<bool> fresh_;          // by shard: accepted since the last update
  std::vector<Time> last_finished_;  // by worker
  int round_ = 0;
  RoundRow row_;                    // of the coming update, as far as it is known
  RoundRow last_row_;               // of the last update whose objective is known
  std::optional<Iterate> verdict_;  // where phi said that the run ends; later updates do not count
  double initial_objective_ = kNaN;

  std::optional<StopReason> stop_;
  std::string stop_detail_;
  double stopped_wall_ = 0;
  Time stopped_at_{};
  std::int64_t bytes_up_ = 0, bytes_down_ = 0, tasks_ = 0, tasks_accepted_ = 0, capped_ = 0;
  double compute_seconds_ = 0;
  WorkerStatistics statistics_;
  Digest schedule_digest_, iterate_digest_;
};

}  // namespace laggard
