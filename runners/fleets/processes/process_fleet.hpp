// A fleet of worker processes that are invoked, dial in and are sent tasks: on AWS Lambda, on the
// embedded local endpoint, or started by somebody else. Which, is the Launcher's affair.
#pragma once

#include "core/lifecycle/lifecycle.hpp"
#include "core/problem/problem.hpp"
#include "core/schedule/fleet.hpp"
#include "core/task/operands.hpp"
#include "core/wire/work.hpp"
#include "runners/channels/tls/reception.hpp"
#include "runners/launchers/launcher.hpp"

#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

namespace laggard {

struct ProcessFleetOptions {
  std::int64_t most_numbers_up = 0;  // in a report, see CoordinatorHalf
  int workers = 1;                   // W
  asio::ip::tcp::endpoint listen;    // where the coordinator listens; port 0: a free one
  std::string advertise;             // "ADDRESS:PORT" that workers dial; empty: where it listens
  bool plain = false;                // plain TCP, on loopback alone
  LifecycleOptions lifecycle;        // its timeout comes from the launcher
  Work work;                         // without `own` and `ranges`
  std::vector<std::vector<ShardId>> placement;  // by worker: the shards that it loads
  std::vector<ShardRange> ranges;               // by shard, for sources that need them
  std::shared_ptr<void> keeps;  // what must live as long as the fleet: the local endpoint
  // Asked now and then: what goes wrong there, to be told as a notice; empty: nothing, or told.
  std::function<std::string()> trouble;
};

using MakeLauncher = std::function<std::unique_ptr<Launcher>(asio::io_context&)>;

class ProcessFleet final : public Fleet {
 public:
  // Listens, and checks with the launcher that the fleet can be started; starts nothing yet. Throws
  // Error. `problem` must outlive it.
  ProcessFleet(ProcessFleetOptions options, const Problem& problem,
               const MakeLauncher& make_launcher);
  ~ProcessFleet() override;

  int size() const override { return options_.workers; }
  Time now() const override { return std::chrono::steady_clock::now() - start_; }
  bool real_time() const override { return true; }
  void submit(const Task& task, Deliver deliver) override;
  void revoke(TaskId id) override;
  void wake_at(Time when, std::function<void()> wake) override;
  // Ends with all workers told to go, and their invocations answered or given up.
  void run(asio::awaitable<void> main) override;
  std::vector<LifeRow> lives() const override { return lifecycle_.rows(); }
  std::optional<FleetCost> cost() const override;
  std::map<std::string, std::int64_t> refused() const override { return reception_.refused(); }

  asio::ip::tcp::endpoint endpoint() const { return reception_.local_endpoint(); }

 private:
  struct Link {  // a connected incarnation
    WorkerKey key;
    std::shared_ptr<Connection> connection;
    Time listened{};              // its silence counts from then on at the earliest
    bool ready = false;           // its shards are loaded
    bool failed_to_load = false;  // as it says
    std::set<ShardId>
        shards_named;  // by the tasks that it was sent: beside its own, all it may have
    std::set<ShardId> shards_sent;  // each once: so much memory a peer may ask for
    std::string last_words;         // why it ends, where more is known than that its connection did
    KnownOperands known;
    std::optional<std::int64_t>
        begun_before;    // tasks, by earlier incarnations; known once it is sent one
    int unanswered = 0;  // tasks that it was sent
  };
  struct Pending {  // a task that was submitted and not answered
    Task task;
    Deliver deliver;
    Time sent = kForever;
  };
  using Key = std::pair<WorkerId, Incarnation>;

  // ---- Actions of the lifecycle ----
  void carry_out_actions();  // performs its actions, and sets its timer
  void perform(const Action& action);
  void invoke(WorkerKey key);
  void send(WorkerKey key, TaskId id);
  void say_goodbye(WorkerKey key);
  void drop(WorkerKey key);
  void forget_token(WorkerKey key);
  void notice_trouble(WorkerKey key, const std::string& why);
  void answer_without_work(TaskId id, const std::string& failure);
  void on_timer();

  // ---- Workers ----
  void on_hello(std::shared_ptr<Connection> connection, const Hello& hello);
  std::string why_refused(const Connection& connection, const Hello& hello);
  void welcome(WorkerKey key, std::shared_ptr<Connection> connection);
  asio::awaitable<void> serve(std::shared_ptr<Link> link);
  void handle(Link& link, Frame& frame);
  void on_report(Link& link, Frame& frame);
  void on_shard_request(Link& link, ShardId shard);
  bool may_have(const Link& link, ShardId shard) const;
  bool is_hopeless(WorkerId worker);  // who could not load its shards
  void end_link(const std::shared_ptr<Link>& link, std::string why);
  void tell_trouble();
  void watch();  // for silence, and for the budget
  asio::awaitable<void> dismiss();
  static std::uint64_t most_bytes(MessageKind kind, const void* fleet);

  ProcessFleetOptions options_;
  const Problem& problem_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  RunId run_ = random_run_id();
  Limits limits_;
  RunCertificate certificate_;
  Reception reception_;
  std::unique_ptr<Launcher> launcher_;
  Lifecycle lifecycle_;
  asio::steady_timer timer_, watch_timer_;
  Time watched_{};
  Time noticed_ = -std::chrono::hours(1);  // trouble was, the last time
  std::map<Key, Token> tokens_;            // of incarnations that have not said HELLO
  std::map<Key, std::shared_ptr<Link>> links_;
  std::unordered_map<TaskId, Pending> tasks_;
  std::vector<std::int64_t> begun_;       // by worker: tasks; one lost on the way counts
  SharedTail tail_;                       // of the newest z that was sent
  ReportMessage report_;                  // decoded into, kept for its memory
  std::map<WorkerId, int> failed_loads_;  // one after the other
  bool any_ready_ = false;
  bool settling_ = false;
  bool ended_ = false;  // `main` has returned
};

}  // namespace laggard
