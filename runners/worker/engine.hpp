// What computes: a thread that loads the worker's shards and then serves its tasks in order, one at
// a time, while the connection's thread keeps answering the coordinator. A task that costs no more
// than to wake that thread is served by whoever submits it.
#pragma once

#include "core/lifecycle/lifecycle.hpp"
#include "core/method/worker_half.hpp"
#include "core/task/operands.hpp"
#include "core/wire/work.hpp"
#include "runners/fleets/straggler/straggler.hpp"
#include "runners/worker/shard_store.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace laggard {

class Engine {
 public:
  // Called from the engine's thread; report also from submit().
  struct Events {
    std::function<void()> ready;                  // its own shards are loaded
    std::function<void(ReportMessage)> report;    // once for each task
    std::function<void(ShardId)> ask;             // supply() is to bring this shard
    std::function<void(std::string why)> failed;  // it cannot load its shards: no ready, no report
  };

  // Throws Error where `work` makes no sense. ca_file: PEM, whom https sources are believed.
  Engine(Work work, WorkerKey key, std::string ca_file, Events events);
  // Stops what is under way. What does not stop within 2 s takes the process along: nothing of a
  // run outlives it.
  ~Engine();

  // From one thread.
  void submit(TaskMessage task);
  void revoke(TaskId id);                  // drops it, or stops it; it is reported all the same
  void supply(ShardId shard, Bytes rows);  // as encode_shard() has them

 private:
  using Clock = std::chrono::steady_clock;
  struct Pending {
    TaskMessage message;
    Clock::time_point received;
    std::atomic<bool> stop{false};  // revoked, or the engine ends
  };

  void run();
  bool is_small(const TaskMessage& task) const;
  bool straggles() const { return work_.straggler != "none"; }
  void load_own();
  Bytes ask(ShardId shard);
  ReportMessage serve(Pending& pending);
  void compute(const Task& task, Pending& pending, ReportMessage& report);
  Task take(TaskMessage& message);
  void load_for(const Task& task);
  void straggle(const std::atomic<bool>& stop, Clock::time_point until);

  const Work work_;
  const WorkerKey key_;
  const Events events_;
  std::atomic<bool> ending_{false};
  ShardStore shards_;
  std::unique_ptr<const StragglerModel> straggler_;
  const Start start_;

  std::mutex mutex_;  // of what follows, up to the thread's own
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Pending>> queue_;
  std::shared_ptr<Pending> current_;
  std::map<ShardId, Bytes> supplied_;
  bool idle_ = false;  // the thread waits for tasks
  bool ended_ = false;

  // The thread's own, and while it is idle of who submits.
  std::int64_t begun_ = 0;  // tasks
  HeldOperands held_;
  std::unique_ptr<const WorkerHalf> half_;
  Workspace scratch_;
  Time computed_ = kForever;      // how long the last task took
  bool timed_ = false;            // and its method says how long it is to take
  Clock::time_point reported_{};  // when the last report was ready; the epoch: none yet
  std::thread thread_;
};

}  // namespace laggard
