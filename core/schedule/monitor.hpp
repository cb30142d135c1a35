// phi(z_k), evaluated outside the timed path.                                      [math 3]
#pragma once

#include "core/observe/events.hpp"
#include "core/problem/problem.hpp"
#include "core/schedule/fleet.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace laggard {

// Fills in the objective of each row and hands the rows on, in order, on the coordinator's thread.
class ObjectiveMonitor {
 public:
  using Deliver = std::function<void(RoundRow)>;

  virtual ~ObjectiveMonitor() = default;
  virtual void submit(RoundRow row, SharedVector z) = 0;
  virtual void finish() = 0;  // returns once every row has been handed on
};

// On the spot, which costs no virtual time. `threads` share one evaluation.
class InlineMonitor final : public ObjectiveMonitor {
 public:
  InlineMonitor(const Problem& problem, int threads, Deliver deliver)
      : problem_(problem), threads_(threads), deliver_(std::move(deliver)) {}
  void submit(RoundRow row, SharedVector z) override;
  void finish() override {}

 private:
  const Problem& problem_;
  int threads_;
  Deliver deliver_;
};

// On a thread of its own, so that a real coordinator never waits for it. Rows are handed on through
// the fleet's executor. Iterates that wait are bounded to kMostBytes; beyond that a row goes without
// its objective.
class BackgroundMonitor final : public ObjectiveMonitor {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{1} << 29;

  BackgroundMonitor(const Problem& problem, Fleet& fleet, Deliver deliver);
  ~BackgroundMonitor() override;
  void submit(RoundRow row, SharedVector z) override;
  void finish() override;

 private:
  struct Item {
    RoundRow row;
    SharedVector z;  // null: not to be evaluated
  };

  void evaluate();
  void hand_on();

  const Problem& problem_;
  Fleet& fleet_;
  Deliver deliver_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> waiting_;
  std::deque<RoundRow> done_;
  bool busy_ = false;
  bool closing_ = false;
  std::exception_ptr error_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::thread thread_;
};

}  // namespace laggard
