#include "core/schedule/monitor.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace laggard {

void InlineMonitor::submit(Iterate iterate) {
  evaluate_(iterate);
  deliver_(std::move(iterate));
}

BackgroundMonitor::BackgroundMonitor(Evaluate evaluate, Fleet& fleet, Deliver deliver)
    : evaluate_(std::move(evaluate)),
      fleet_(fleet),
      deliver_(std::move(deliver)),
      thread_([this] { evaluate_all(); }) {}

BackgroundMonitor::~BackgroundMonitor() {
  *alive_ = false;
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    waiting_.clear();
  }
  changed_.notify_all();
  thread_.join();
}

void BackgroundMonitor::submit(Iterate iterate) {
  const std::lock_guard lock(mutex_);
  const std::size_t bytes = sizeof(double) * static_cast<std::size_t>(iterate.z->size());
  if ((waiting_.size() + 1) * bytes > kMostBytes) iterate.z.reset();
  waiting_.push_back(std::move(iterate));
  changed_.notify_all();
}

void BackgroundMonitor::evaluate_all() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Iterate iterate = std::move(waiting_.front());
    waiting_.pop_front();
    busy_ = true;
    lock.unlock();
    std::exception_ptr error;
    try {
      if (iterate.z) evaluate_(iterate);
    } catch (...) {
      error = std::current_exception();  // rethrown by hand_on, on the coordinator's thread
    }
    lock.lock();
    if (error) error_ = error;
    busy_ = false;
    done_.push_back(std::move(iterate));
    changed_.notify_all();
    asio::post(fleet_.executor(), [this, alive = alive_] {
      if (*alive) hand_on();
    });
  }
}

void BackgroundMonitor::hand_on() {
  std::deque<Iterate> ready;
  {
    const std::lock_guard lock(mutex_);
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    ready.swap(done_);
  }
  for (Iterate& iterate : ready) deliver_(std::move(iterate));
}

void BackgroundMonitor::finish() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_.empty() && !busy_; });
  }
  hand_on();
}

}  // namespace laggard
