#include "core/schedule/monitor.hpp"

#include "core/problem/vector_ops.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace laggard {

void InlineMonitor::submit(RoundRow row, SharedVector z) {
  row.objective = objective(problem_, view(*z), threads_);
  deliver_(std::move(row));
}

BackgroundMonitor::BackgroundMonitor(const Problem& problem, Fleet& fleet, Deliver deliver)
    : problem_(problem), fleet_(fleet), deliver_(std::move(deliver)), thread_([this] { evaluate(); }) {}

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

void BackgroundMonitor::submit(RoundRow row, SharedVector z) {
  const std::lock_guard lock(mutex_);
  const std::size_t bytes = sizeof(double) * static_cast<std::size_t>(z->size());
  if ((waiting_.size() + 1) * bytes > kMostBytes) z.reset();
  waiting_.emplace_back(std::move(row), std::move(z));
  changed_.notify_all();
}

void BackgroundMonitor::evaluate() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Item item = std::move(waiting_.front());
    waiting_.pop_front();
    busy_ = true;
    lock.unlock();
    std::exception_ptr error;
    try {
      if (item.z) item.row.objective = objective(problem_, view(*item.z), 1);
    } catch (...) {
      error = std::current_exception();  // rethrown by hand_on, on the coordinator's thread
    }
    lock.lock();
    if (error) error_ = error;
    busy_ = false;
    done_.push_back(std::move(item.row));
    changed_.notify_all();
    asio::post(fleet_.executor(), [this, alive = alive_] {
      if (*alive) hand_on();
    });
  }
}

void BackgroundMonitor::hand_on() {
  std::deque<RoundRow> ready;
  {
    const std::lock_guard lock(mutex_);
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    ready.swap(done_);
  }
  for (RoundRow& row : ready) deliver_(std::move(row));
}

void BackgroundMonitor::finish() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_.empty() && !busy_; });
  }
  hand_on();
}

}  // namespace laggard
