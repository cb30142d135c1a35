// What a protocol is given: tasks to send, reports to await, updates to make, and when to stop.
#pragma once

#include "core/io/option_spec.hpp"
#include "core/task/absent.hpp"
#include "core/task/decoding.hpp"
#include "core/task/task.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace laggard {

namespace asio = boost::asio;

class Run;

// Where tasks ask for contributions: what a model's tasks carried at some time, so that more of
// them can be sent later.
struct Point {
  int model = 0;
  SharedVector z;
  int made = 0;  // by which update of its model
  Time at{};     // and when
};

// The face of a run for its protocol; all that it knows is behind it. Used from the fleet's loop
// alone. Throws InvariantViolation where a protocol breaks a rule.
class Session final {
 public:
  explicit Session(Run& run) : run_(run) {}  // must outlive it

  int shards() const;   // P
  int workers() const;  // W
  Time now() const;
  int round() const;                    // updates made so far
  int models() const;                   // that take turns: the coming update is of model
                                        // round() mod models()
  int last_round() const;               // no update is made after this one
  const OptionValues& options() const;  // the protocol's own

  // False once the run is to end. Asked before each round.
  bool running() const;

  // Sends the newest z for `shard` to its home worker, shard mod W, or to `worker`.
  TaskId dispatch(ShardId shard) { return dispatch(shard, shard % workers()); }
  TaskId dispatch(ShardId shard, WorkerId worker);
  // The same for a coded message, which sums several shards.
  TaskId dispatch_coded(WorkerId worker, std::vector<Part> parts);
  // The same for the z of `point`, of whatever model.
  TaskId dispatch(ShardId shard, WorkerId worker, const Point& point);
  TaskId dispatch_coded(WorkerId worker, std::vector<Part> parts, const Point& point);
  Point newest_point(int model) const;
  // The same where workers talk to each other, which spares a coordinator: the task begins once its
  // home worker has these messages. Where they cannot, the coordinator sends it.
  TaskId dispatch_after(ShardId shard, std::vector<PeerMessage> messages);
  void dispatch_all();
  const std::vector<ShardId>& taken() const;  // the shards that the last update took a report of
  void dispatch_taken();                      // those
  void dispatch_idle();                       // the shards that are not busy

  // The next report, in order of arrival. Throws Deadlock if nothing is in flight.
  asio::awaitable<Report> next();
  // The same, or nothing once `deadline` has passed.
  asio::awaitable<std::optional<Report>> next_until(Time deadline);

  // Lets the method have what a report carries before its fate is decided: tasks to come need it,
  // though the update that takes it is not the next one.
  void use(Report& report);
  // Decides a report's fate, once: taken into the next update, or thrown away.
  void accept(Report report);
  void discard(const Report& report);
  // Accepts coded reports to one and the same z: the weighted sum of what they carry stands for the
  // sum over all shards. A shard that no report of weight has a part of counts as not accepted.
  void accept_decoded(std::vector<Report> reports, const std::vector<double>& weights);

  // Gives up on a task: its worker is told to stop, and its report will not be seen.
  void revoke(TaskId task);
  void revoke_shard(ShardId shard);  // all its tasks

  // Makes z, and decides whether the run goes on.                                  [math 2.4]
  void update(Absent absent = Absent::reuse);

  // Ends the run as failed.
  void fail_run(std::string why);

  int accepted() const;             // reports, since the last update
  bool fresh(ShardId shard) const;  // accepted since the last update
  // Whether a task is open for the shard, or with the worker: sent, and not accepted, discarded or
  // revoked.
  bool busy(ShardId shard) const;
  bool worker_busy(WorkerId worker) const;

  // Rounds between the z behind a report (in flight or arrived) and the coming update: at least 1.
  // Where several models take turns, those of its own.
  int staleness(TaskId task) const;
  // A report computed from an older z than the newest.
  bool late(const Report& report) const { return staleness(report.id) > 1; }
  // The largest age of a shard if the update came now.                              [math 4]
  int oldest_age() const;
  // The same by the clock, of the shards without a new report: since their z was made.  [math 4]
  Time oldest_kept() const;
  // Of a method whose shards have models of their own: the others whose models a task for `shard`
  // is made of, rising.
  std::span<const ShardId> neighbours(ShardId shard) const;

  // From now on an update with larger ages is an InvariantViolation.
  void bound_age(std::int64_t tau, Time tau_seconds = kForever);
  // From now on a task that is lost with its worker is not sent again unchanged if there is a newer
  // z: its shard is sent that.
  void renew_lost_tasks();
  // How the coming update's messages were decoded: its row says it, and the results the worst.
  void note_decoding(const Decoding& decoding);

 private:
  Run& run_;
};

}  // namespace laggard
