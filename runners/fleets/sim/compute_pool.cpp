#include "runners/fleets/sim/compute_pool.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

namespace laggard {

ComputePool::ComputePool(const WorkerHalf& half, int threads) : half_(half) {
  // Fewer threads than cores are slower, and as good.
  try {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  } catch (const std::system_error& error) {
    if (threads_.empty())
      throw FleetError(
          fmt::format("the system gives this program no thread to compute in ({}); expected more "
                      "processes and memory allowed (ulimit -u, ulimit -v)",
                      error.code().message()));
  }
}

ComputePool::~ComputePool() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    queue_.clear();
    for (const auto& computation : running_) computation->stop = true;
  }
  started_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::shared_ptr<ComputePool::Computation> ComputePool::start(const Task& task) {
  auto computation = std::make_shared<Computation>();
  computation->task = task;
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(computation);
  }
  started_.notify_one();
  return computation;
}

Contribution ComputePool::take(Computation& computation) {
  if (take_back(computation)) return compute(computation.task);
  std::unique_lock lock(mutex_);
  if (!computation.done) {
    const Stopwatch watch(waited_);
    finished_.wait(lock, [&] { return computation.done; });
  }
  if (computation.error) std::rethrow_exception(computation.error);
  return std::move(computation.result);
}

Contribution ComputePool::compute(const Task& task) {
  static const std::atomic<bool> never{false};
  const LapTime<>::Lap lap(here_);
  return half_.compute(task, scratch_, never);
}

void ComputePool::abandon(Computation& computation) {
  computation.stop = true;
  take_back(computation);
}

// True: no thread had begun it, and none will.
bool ComputePool::take_back(const Computation& computation) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(queue_, [&](const auto& queued) { return queued.get() == &computation; }) >
         0;
}

void ComputePool::work() {
  Workspace scratch;
  std::unique_lock lock(mutex_);
  while (true) {
    started_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    if (closing_) return;
    const std::shared_ptr<Computation> computation = queue_.front();
    queue_.pop_front();
    running_.push_back(computation);
    lock.unlock();
    Time taken{};
    try {
      const Stopwatch watch(taken);
      computation->result = half_.compute(computation->task, scratch, computation->stop);
    } catch (...) {
      computation->error = std::current_exception();
    }
    elsewhere_ += taken.count();
    lock.lock();
    computation->done = true;
    std::erase(running_, computation);
    finished_.notify_all();
  }
}

}  // namespace laggard
