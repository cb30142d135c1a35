// The one custom awaitable: a queue of reports with a single consumer.
#pragma once

#include "core/schedule/fleet.hpp"

#include <boost/asio/any_completion_handler.hpp>

#include <optional>
#include <vector>

namespace laggard {

class Inbox {
 public:
  explicit Inbox(Fleet& fleet) : fleet_(fleet) {}

  void push(Report&& report) {
    if (2 * taken_ >= reports_.size()) {  // mostly all are taken, and their room is used again
      reports_.erase(reports_.begin(), reports_.begin() + static_cast<std::ptrdiff_t>(taken_));
      taken_ = 0;
    }
    reports_.push_back(std::move(report));
    wake();
  }

  std::optional<Report> try_pop();

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
  std::vector<Report> reports_;
  std::size_t taken_ = 0;  // of them, from the first on
  bool waiting_ = false;
  std::optional<Handler> waiter_;  // of a wait that is awaited
  std::uint64_t ticket_ = 0;  // counts waits, so that the deadline of an earlier one is told apart
};

}  // namespace laggard
