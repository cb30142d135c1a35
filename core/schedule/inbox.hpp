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

  // Completes at the next push() or wake(), or at `deadline`; at once if reports are waiting.
  // Cancellation completes it too. Only one wait at a time.
  asio::awaitable<void> wait(Time deadline = kForever);

  // Completes a pending wait although nothing has arrived.
  void wake();

 private:
  using Handler = asio::any_completion_handler<void(boost::system::error_code)>;

  Fleet& fleet_;
  std::deque<Report> reports_;
  std::optional<Handler> waiter_;
  std::uint64_t ticket_ = 0;  // counts waits, so that the deadline of an earlier one is told apart
};

}  // namespace laggard
