// One run of one protocol on one fleet: the main path, and what is behind a Session.
#pragma once

#include "core/reference/bracket.hpp"
#include "core/schedule/ages.hpp"
#include "core/schedule/fleet.hpp"
#include "core/schedule/inbox.hpp"
#include "core/schedule/ledger.hpp"
#include "core/schedule/monitor.hpp"
#include "core/schedule/protocol.hpp"
#include "core/schedule/run_options.hpp"
#include "core/schedule/session.hpp"
#include "core/schedule/verdict.hpp"
#include "core/task/stopwatch.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace laggard {

// Used from the fleet's loop alone. Checks its invariants always and throws InvariantViolation
// where a protocol breaks one.
class Run final {
 public:
  // All references must outlive it. `interrupted` may be set from anywhere, a signal handler too.
  Run(Fleet& fleet, const Problem& problem, CoordinatorHalf& method, const SessionOptions& options,
      Observer& observer, const std::atomic<bool>& interrupted);

  // One more model of the method, which takes turns with the others: update k is of model
  // (k - 1) mod their number, the constructor's being the first. Before resume() and run(). Must
  // outlive this.
  void add_model(CoordinatorHalf& model);
  // The same for one that solves another problem on the same data, with its phi* if that is known.
  void add_model(CoordinatorHalf& model, const Problem& problem, std::optional<double> reference);

  // Goes on from a state that `checkpoint` was given, in a run of the same problem, method and
  // protocol, on whatever fleet. Tasks that were under way then are dropped. Before run(). Throws
  // Error for bytes that are no such state.
  void resume(std::string_view state);

  // Runs `protocol` to its end on the fleet. Called once.
  Summary run(const Protocol& protocol);

 private:
  friend class Session;  // what a protocol may do is written there
  struct Stop {};        // thrown through a protocol that waits when the run is to end
  struct Model {
    CoordinatorHalf* half;
    const Problem* problem;
    std::optional<double> reference;                        // phi*
    std::shared_ptr<reference::Bracket> bracket = nullptr;  // of phi*, where it is asked for; the
                                                            // monitor's. One problem has one
    Time z_at{};  // its last update; a run that goes on takes its z for new
  };

  void join(CoordinatorHalf& model, const Problem& problem, std::optional<double> reference);
  asio::awaitable<void> main(const Protocol& protocol);
  void set_up_timers();
  void watch_interrupts();
  void check_stop();

  // The way of a task.
  TaskId dispatch(WorkerId worker, ShardId shard, std::vector<Part> parts, const Point* point,
                  std::vector<PeerMessage> messages = {});
  void submit(const Task& task);
  void on_report(Report&& report);
  void on_failure(Flight& flight, const Report& report);
  std::optional<Report> next_arrived();
  void decide(Flight& flight, Outcome outcome);

  // Whose turn it is: the coming update's, and the last one's.
  std::size_t turn() const { return static_cast<std::size_t>(round_) % models_.size(); }
  CoordinatorHalf& model() const { return *models_[turn()].half; }
  const Model& of_round(int round) const;  // 0: the first
  const CoordinatorHalf& last_model() const { return *of_round(round_).half; }
  Point newest_point(int model) const;
  int updates_of(int model) const;
  int staleness(const Flight& flight) const {
    return updates_of(flight.model) + 1 - flight.z_round;
  }
  void check_turn(const Flight& flight) const;

  // The way of a round.
  void update(Absent absent);
  double objective_at(const Model& model, const Vector& z, int threads) const;
  void evaluate(Iterate& iterate);  // on the monitor's thread
  void on_evaluated(Iterate iterate);
  Done done() const { return {round_, ledger_.tasks(), ledger_.passes()}; }
  void keep_checkpoint();
  void persist(StateArchive& archive);

  Summary summarise();
  MachineTime machine_time() const;
  std::string missing_shards() const;

  Fleet& fleet_;
  std::vector<Model> models_;  // they take turns
  const SessionOptions options_;
  const std::atomic<bool>& interrupted_;
  Observer& observer_;
  const int monitor_threads_;  // on a real fleet the other cores are the workers'
  Inbox inbox_;
  Flights flights_;
  Ages ages_;
  Ledger ledger_;
  Verdict verdict_;
  std::unique_ptr<ObjectiveMonitor> monitor_;
  int round_ = 0;               // updates made so far
  std::vector<ShardId> taken_;  // by the last update
  bool renew_lost_ = false;
  // Of this machine. The method's is without the reports that it takes in one by one; the last is
  // the monitor's.
  LapTime<> accept_time_;
  Time loop_time_{}, method_time_{}, objective_time_{};
};

}  // namespace laggard
