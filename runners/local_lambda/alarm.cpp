#include "runners/local_lambda/alarm.hpp"

#include <boost/asio/steady_timer.hpp>

namespace laggard::local {

Time now() { return std::chrono::steady_clock::now().time_since_epoch(); }

struct Alarm::State {
  explicit State(boost::asio::io_context& io) : timer(io) {}
  boost::asio::steady_timer timer;
  std::function<void()> ring;
  std::uint64_t setting = 0;  // which set() an expiry belongs to
};

Alarm::Alarm(boost::asio::io_context& io) : state_(std::make_shared<State>(io)) {}
Alarm::~Alarm() { cancel(); }

void Alarm::set(Time after, std::function<void()> ring) {
  cancel();
  if (after == kForever) return;
  state_->ring = std::move(ring);
  state_->timer.expires_after(after);
  state_->timer.async_wait(
      [weak = std::weak_ptr(state_), setting = state_->setting](boost::system::error_code) {
        const auto state = weak.lock();
        if (!state || state->setting != setting) return;
        ++state->setting;
        const auto due = std::exchange(state->ring, nullptr);
        due();
      });
}

void Alarm::cancel() {
  ++state_->setting;
  state_->ring = nullptr;
  state_->timer.cancel();
}

}  // namespace laggard::local
