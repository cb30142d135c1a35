#include "runners/fleets/threads/thread_fleet.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <ctime>
#include <exception>
#include <system_error>

namespace laggard {
namespace {

Time thread_cpu_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

// After so long a worker that dies is missed.
constexpr Time kMissedAfter = kHeartbeatsMissed * kHeartbeat;

const std::atomic<bool> kNever{false};

Report report_of(const Task& task) {
  Report report;
  report.id = task.id;
  report.worker = task.worker;
  report.shard = task.shard;
  return report;
}

}  // namespace

ThreadFleet::ThreadFleet(int workers, const WorkerHalf& half,
                         std::unique_ptr<const StragglerModel> straggler)
    : half_(half), straggler_(std::move(straggler)) {
  for (WorkerId w = 0; w < workers; ++w) workers_.push_back(std::make_unique<Worker>());
  WorkerId w = 0;
  try {
    for (; w < workers; ++w)
      workers_[static_cast<std::size_t>(w)]->thread = std::thread([this, w] { serve(w); });
  } catch (const std::system_error& error) {
    close();
    throw FleetError(fmt::format(
        "--workers {}: the system gives this program {} threads for them ({}); expected fewer "
        "workers, or more processes and memory allowed (ulimit -u, ulimit -v)",
        workers, w, error.code().message()));
  }
}

ThreadFleet::~ThreadFleet() { close(); }

void ThreadFleet::close() {
  for (const auto& worker : workers_) {
    const std::lock_guard lock(worker->mutex);
    worker->closing = true;
    worker->queue.clear();
    if (worker->current) worker->current->stop = true;
    worker->changed.notify_all();
  }
  for (const auto& worker : workers_)
    if (worker->thread.joinable()) worker->thread.join();
}

Time ThreadFleet::now() const { return std::chrono::steady_clock::now() - start_; }

void ThreadFleet::submit(const Task& task, Deliver deliver) {
  Worker& worker = *workers_[static_cast<std::size_t>(task.worker)];
  auto pending = std::make_shared<Pending>();
  pending->task = task;
  pending->deliver = std::move(deliver);
  pending->received = now();
  tell_sent(size_of_task(pending->task, worker.known.send(pending->task)).bytes);
  pending_.insert_or_assign(pending->task.id, pending);
  const std::lock_guard lock(worker.mutex);
  worker.queue.push_back(std::move(pending));
  worker.changed.notify_all();
}

void ThreadFleet::revoke(TaskId id) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  Worker& worker = *workers_[static_cast<std::size_t>(found->second->task.worker)];
  const std::lock_guard lock(worker.mutex);
  found->second->revoked = now();
  found->second->stop = true;
  worker.changed.notify_all();
}

void ThreadFleet::wake_at(Time when, std::function<void()> wake) {
  auto timer = std::make_shared<asio::steady_timer>(loop_, start_ + when);
  timer->async_wait([timer, wake = std::move(wake)](boost::system::error_code error) {
    if (!error) wake();
  });
}

void ThreadFleet::run(asio::awaitable<void> main) {
  start_ = std::chrono::steady_clock::now();
  const auto alive = asio::make_work_guard(loop_);
  std::exception_ptr failure;
  asio::co_spawn(executor(), std::move(main), [&](std::exception_ptr error) {
    failure = error;
    loop_.stop();
  });
  loop_.run();
  if (failure) std::rethrow_exception(failure);
}

// The worker's next incarnation, which is there once its start is over.
void ThreadFleet::begin_life(WorkerId w) {
  Worker& worker = *workers_[static_cast<std::size_t>(w)];
  const std::lock_guard one_at_a_time(straggler_mutex_);
  const Start start = straggler_->draw_start({w, ++worker.incarnation});
  worker.free += start.tail;
  worker.host_factor = start.factor;
}

void ThreadFleet::serve(WorkerId w) {
  Worker& worker = *workers_[static_cast<std::size_t>(w)];
  Workspace scratch;
  begin_life(w);
  std::unique_lock lock(worker.mutex);
  while (true) {
    worker.changed.wait(lock, [&] { return worker.closing || !worker.queue.empty(); });
    if (worker.closing) return;
    const std::shared_ptr<Pending> pending = worker.queue.front();
    worker.queue.pop_front();
    worker.current = pending;
    lock.unlock();

    straggle(worker, kNever, worker.free);
    Report report = report_of(pending->task);
    // Revoked before it could have begun: no task of the worker.
    const bool dropped =
        pending->stop && pending->revoked <= std::max(pending->received, worker.free);
    if (!dropped) {
      Slowdown slowdown;
      {
        const std::lock_guard one_at_a_time(straggler_mutex_);
        slowdown = straggler_->draw(w, worker.begun++);
        slowdown.factor *= worker.host_factor;
      }
      work(worker, *pending, scratch, slowdown, report);
      if (slowdown.crash && !pending->stop) {
        lose(w, pending, std::move(report));
        lock.lock();
        continue;
      }
    }
    post(pending, std::move(report));
    lock.lock();
    worker.current.reset();
  }
}

// Pauses, computes, and then takes as much longer as slowdown has it. What it is told in the pause
// it hears afterwards.
void ThreadFleet::work(Worker& worker, Pending& pending, Workspace& scratch,
                       const Slowdown& slowdown, Report& report) {
  report.started = std::max(pending.received, worker.free);
  report.pause = slowdown.pause;
  const Time begin = report.started + slowdown.pause;
  straggle(worker, kNever, begin);
  const Time cpu_before = thread_cpu_time();
  try {
    if (!pending.stop) report.contribution = half_.compute(pending.task, scratch, pending.stop);
  } catch (const std::exception& error) {
    report.failure = error.what();
  }
  Time cpu = thread_cpu_time() - cpu_before, computed = now() - begin;
  if (const auto seconds = half_.seconds(pending.task)) computed = cpu = from_seconds(*seconds);
  straggle(worker, pending.stop, begin + time_taken(slowdown, computed, cpu));
  report.finished = worker.free = now();
  if (pending.stop) report.contribution = {};
}

// The worker is gone with all that it was sent; that is noticed later, and then it starts anew.
void ThreadFleet::lose(WorkerId w, const std::shared_ptr<Pending>& pending, Report report) {
  Worker& worker = *workers_[static_cast<std::size_t>(w)];
  straggle(worker, kNever, now() + kMissedAfter);
  worker.free = now();
  begin_life(w);
  report.contribution = {};
  std::deque<std::shared_ptr<Pending>> lost;
  {
    const std::lock_guard lock(worker.mutex);
    lost.swap(worker.queue);
    worker.current.reset();
  }
  report.lost = true;
  report.failure = "the worker was lost";
  post(pending, report);
  for (const auto& other : lost) {
    Report empty = report_of(other->task);
    empty.lost = true;
    empty.failure = report.failure;
    post(other, std::move(empty));
  }
}

void ThreadFleet::post(const std::shared_ptr<Pending>& pending, Report report) {
  asio::post(executor(), [this, pending, report = std::move(report)]() mutable {
    pending_.erase(pending->task.id);
    report.arrived = now();
    KnownOperands& known = workers_[static_cast<std::size_t>(report.worker)]->known;
    if (report.lost) known = {};
    if (report.contribution.given()) known.reported(report.shard, report.id, pending->task.kept);
    pending->deliver(std::move(report));
  });
}

// Waits until `until`; returns at once when `stop` is set or the fleet ends.
void ThreadFleet::straggle(Worker& worker, const std::atomic<bool>& stop, Time until) {
  std::unique_lock lock(worker.mutex);
  worker.changed.wait_until(lock, start_ + until, [&] { return stop || worker.closing; });
}

}  // namespace laggard
