#include "core/schedule/inbox.hpp"

#include "core/io/error.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace laggard {

std::optional<Report> Inbox::try_pop() {
  if (taken_ == reports_.size()) return std::nullopt;
  return std::move(reports_[taken_++]);
}

void Inbox::begin_wait() {
  LAGGARD_ASSERT(!waiting_, "two coroutines wait on one inbox");
  LAGGARD_ASSERT(taken_ == reports_.size(), "a wait although there is a report");
  waiting_ = true;
}

bool Inbox::pass_time() {
  begin_wait();
  if (fleet_.pass_time(waiting_)) return true;
  waiting_ = false;
  return false;
}

void Inbox::wake_at(Time deadline) {
  fleet_.wake_at(deadline, [this, ticket = ticket_] {
    if (ticket == ticket_) wake();
  });
}

asio::awaitable<void> Inbox::wait() {
  begin_wait();
  // The initiation captures one raw pointer: GCC 12 destroys captures that have destructors twice
  // when the closure stands in a co_await expression.
  const auto initiate = [this](auto&& handler) {
    waiter_.emplace(std::forward<decltype(handler)>(handler));
    // The type-erased handler is asked for its slot: the erasure has claimed the original one.
    if (auto slot = waiter_->get_cancellation_slot(); slot.is_connected())
      slot.assign([this](asio::cancellation_type) { wake(); });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>&, void(boost::system::error_code)>(
      initiate, asio::use_awaitable);
}

void Inbox::wake() {
  if (!waiting_) return;
  waiting_ = false;
  ++ticket_;
  if (!waiter_) return;  // whoever passes time sees it
  Handler handler = std::move(*waiter_);
  waiter_.reset();
  asio::post(fleet_.executor(),
             [h = std::move(handler)]() mutable { std::move(h)(boost::system::error_code{}); });
}

}  // namespace laggard
