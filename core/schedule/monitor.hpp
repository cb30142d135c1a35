// phi(z_k) and its certificate, evaluated outside the timed path.                  [math 3]
#pragma once

#include "core/schedule/fleet.hpp"
#include "core/task/events.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace laggard {

// z_k, and what is told of it.
struct Iterate {
  RoundRow row;
  SharedVector z;  // null: there was no memory to wait in, and it goes without its objective
  std::uint64_t digest = 0;  // of z_1 .. z_k
  bool proposed = false;     // as one to end the run with
  double certified_gap = kNaN;
  double validation_loss = kNaN;
  double kkt = kNaN;  // where the certificate tells it
};

using Evaluate =
    std::function<void(Iterate&)>;  // fills in phi, and the gap where that is asked for

// Evaluates each iterate, in order, and hands them on, in order, on the coordinator's thread.
class ObjectiveMonitor {
 public:
  using Deliver = std::function<void(Iterate)>;

  virtual ~ObjectiveMonitor() = default;
  virtual void submit(Iterate iterate) = 0;
  virtual void finish() = 0;  // returns once every iterate has been handed on
};

// On the spot, which costs no virtual time.
class InlineMonitor final : public ObjectiveMonitor {
 public:
  InlineMonitor(Evaluate evaluate, Deliver deliver)
      : evaluate_(std::move(evaluate)), deliver_(std::move(deliver)) {}
  void submit(Iterate iterate) override;
  void finish() override {}

 private:
  Evaluate evaluate_;
  Deliver deliver_;
};

// On a thread of its own, so that a real coordinator never waits for it. Iterates are handed on
// through the fleet's executor. Those that wait are bounded to kMostBytes.
class BackgroundMonitor final : public ObjectiveMonitor {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{1} << 29;

  BackgroundMonitor(Evaluate evaluate, Fleet& fleet, Deliver deliver);
  ~BackgroundMonitor() override;
  void submit(Iterate iterate) override;
  void finish() override;

 private:
  void evaluate_all();
  void hand_on();

  Evaluate evaluate_;
  Fleet& fleet_;
  Deliver deliver_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Iterate> waiting_;
  std::deque<Iterate> done_;
  bool busy_ = false;
  bool closing_ = false;
  std::exception_ptr error_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::thread thread_;
};

}  // namespace laggard
