// The boundary that a protocol cannot see through: where tasks run and what time it is.
#pragma once

#include "core/lifecycle/lifecycle.hpp"
#include "core/results/cost.hpp"
#include "core/task/events.hpp"
#include "core/task/task.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace laggard {

namespace asio = boost::asio;

using Deliver = std::function<void(Report&&)>;

class Fleet {
 public:
  // threads: that use executor(), for Asio. One is enough: it runs handlers first in, first out.
  explicit Fleet(int threads = 1) : loop_(threads) {}
  virtual ~Fleet() = default;

  virtual int size() const = 0;        // W
  virtual Time now() const = 0;        // since the start of the run
  virtual bool real_time() const = 0;  // time passes by itself, as opposed to virtual time

  // Workers send their messages to each other, not by way of the coordinator, which looks on: tasks
  // and reports cost what Task::messages do.
  virtual bool direct_links() const { return false; }

  // Sends the task to its worker, which serves its tasks in order, one at a time. Calls `deliver`
  // once, on executor(), never inline; until then the task must stay as it is. A failure is told as
  // a report with `failure` set.
  virtual void submit(const Task& task, Deliver deliver) = 0;

  // Tells the worker to drop the task, or to stop it between two inner iterations of its solver.
  // The report still comes, with the worker's times and most likely without a contribution.
  virtual void revoke(TaskId id) = 0;

  // Calls `wake` at or after `when`, on executor(), never inline. Among events of one instant,
  // reports come first.
  virtual void wake_at(Time when, std::function<void()> wake) = 0;

  // Where time is virtual and the fleet passes it when asked, lets one event after the other happen
  // until `waiting` is false, and returns true. False where time passes while coroutines wait.
  // Throws Deadlock where nothing can happen any more.
  virtual bool pass_time(const bool& /*waiting*/) { return false; }

  // Runs `main` to its end; rethrows what it throws. Called once.
  virtual void run(asio::awaitable<void> main) = 0;

  // What became of the workers so far: all incarnations, in order of start. Nothing where workers
  // have no life of their own.
  virtual std::vector<LifeRow> lives() const { return {}; }

  // What goes into the cost of the run so far; nothing where there is none to speak of.
  virtual std::optional<FleetCost> cost() const { return std::nullopt; }

  // What the mathematics of the tasks took of this machine's time, where the fleet computes them
  // in virtual time: in all threads, and how long the thread of run() computed or waited for it.
  struct Mathematics {
    Time tasks{}, held_up{};
  };
  virtual std::optional<Mathematics> mathematics() const { return std::nullopt; }

  // Connections that were refused, by reason. Nothing where nobody can connect.
  virtual std::map<std::string, std::int64_t> refused() const { return {}; }

  // `ended` is told, at most once and on executor(), when the fleet cannot go on, and why:
  // fleet_failed, or a limit of its own.
  void when_ended(std::function<void(StopReason, std::string)> ended) {
    on_end_ = std::move(ended);
  }

  // `noticed` is told, on executor(), of trouble that the fleet tries to overcome.
  void when_noticed(std::function<void(std::string)> noticed) { on_notice_ = std::move(noticed); }

  // `sent` is told of every task's message that leaves, and its size.
  void when_sent(std::function<void(std::int64_t bytes)> sent) { sent_ = std::move(sent); }

  asio::io_context::executor_type executor() { return loop_.get_executor(); }

 protected:
  void tell_end(StopReason reason, const std::string& why) {
    if (const auto ended = std::exchange(on_end_, nullptr)) ended(reason, why);
  }
  void tell_notice(const std::string& line) {
    if (on_notice_) on_notice_(line);
  }
  void tell_sent(std::int64_t bytes) {
    if (sent_) sent_(bytes);
  }

  asio::io_context loop_;

 private:
  std::function<void(StopReason, std::string)> on_end_;
  std::function<void(std::string)> on_notice_;
  std::function<void(std::int64_t)> sent_;
};

}  // namespace laggard
