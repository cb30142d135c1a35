// The one custom awaitable: a queue of reports with a single consumer.
#pragma once

#include "core/schedule/fleet.hpp"

#include <boost/asio/any_completion_handler.hpp>

#include <deque>
#include <optional>

namespace laggard {

class Inbox {
 public:
  explicit Inbox(Fleet& fleet) : fleet_(fleet) {}

  void push(Report&& report) {
    reports_.push_back(std::move(report));
    wake();
  }

  std::optional<Report> try_pop();
  bool empty() const { return reports_.empty(); }

  // While there is no report: waits until the next push() or wake(). Where the fleet passes time
  // when asked, pass_time() has done so and returns true; elsewhere it does nothing, and wait() is
  // awaited. Cancellation completes that too. Only one wait at a time.
  bool pass_time();
  asio::awaitable<void> wait();

  // Ends a wait although nothing has arrived: now, or the next one at `deadline`.
  void wake();
  void wake_at(Time deadline);

 private:
  using Handler = asio::any_completion_handler<void(boost::system::error_code)>;

  void begin_wait();

  Fleet& fleet_;
  std::deque<Report> reports_;
  bool waiting_ = false;
  std::optional<Handler> waiter_;  // of a wait that is awaited
  std::uint64_t ticket_ = 0;  // counts waits, so that the deadline of an earlier one is told apart
};

}  // namespace laggard
