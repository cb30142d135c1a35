#include "runners/threads/thread_fleet.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <ctime>
#include <exception>

namespace laggard {
namespace {

Time thread_cpu_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace

ThreadFleet::ThreadFleet(int workers, const WorkerHalf& half,
                         std::unique_ptr<const StragglerModel> straggler)
    : half_(half), straggler_(std::move(straggler)) {
  for (WorkerId w = 0; w < workers; ++w) workers_.push_back(std::make_unique<Worker>());
  for (WorkerId w = 0; w < workers; ++w)
    workers_[static_cast<std::size_t>(w)]->thread = std::thread([this, w] { serve(w); });
}

ThreadFleet::~ThreadFleet() {
  for (const auto& worker : workers_) {
    const std::lock_guard lock(worker->mutex);
    worker->closing = true;
    worker->queue.clear();
    if (worker->current) worker->current->stop = true;
    worker->changed.notify_all();
  }
  for (const auto& worker : workers_) worker->thread.join();
}

Time ThreadFleet::now() const { return std::chrono::steady_clock::now() - start_; }

void ThreadFleet::submit(Task task, Deliver deliver) {
  Worker& worker = *workers_[static_cast<std::size_t>(task.worker)];
  auto job = std::make_shared<Job>();
  job->task = std::move(task);
  job->deliver = std::move(deliver);
  jobs_.insert_or_assign(job->task.id, job);
  const std::lock_guard lock(worker.mutex);
  worker.queue.push_back(std::move(job));
  worker.changed.notify_all();
}

void ThreadFleet::revoke(TaskId id) {
  const auto found = jobs_.extract(id);
  if (!found) return;
  const std::shared_ptr<Job>& job = found.mapped();
  Worker& worker = *workers_[static_cast<std::size_t>(job->task.worker)];
  const std::lock_guard lock(worker.mutex);
  job->stop = true;  // also keeps back a report that is on its way to the loop
  std::erase(worker.queue, job);
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

void ThreadFleet::serve(WorkerId w) {
  Worker& worker = *workers_[static_cast<std::size_t>(w)];
  Workspace scratch;
  std::unique_lock lock(worker.mutex);
  while (true) {
    worker.changed.wait(lock, [&] { return worker.closing || !worker.queue.empty(); });
    if (worker.closing) return;
    const std::shared_ptr<Job> job = worker.queue.front();
    worker.queue.pop_front();
    worker.current = job;
    lock.unlock();

    Luck luck;
    {
      const std::lock_guard one_at_a_time(luck_mutex_);
      luck = straggler_->draw(w, worker.begun++);
    }
    const Time cpu_before = thread_cpu_time();
    Report report = solve(*job, scratch);
    const Time until = delay(luck, report.started, thread_cpu_time() - cpu_before);
    const bool whole = straggle(worker, *job, until);
    report.finished = now();
    if (whole)
      asio::post(executor(), [this, job, report = std::move(report)]() mutable {
        if (job->stop) return;
        jobs_.erase(job->task.id);
        report.arrived = now();
        job->deliver(std::move(report));
      });

    lock.lock();
    worker.current.reset();
  }
}

Report ThreadFleet::solve(Job& job, Workspace& scratch) {
  Report report;
  report.id = job.task.id;
  report.worker = job.task.worker;
  report.shard = job.task.shard;
  report.started = now();
  try {
    report.contribution = half_.compute(job.task, scratch, job.stop);
  } catch (const std::exception& error) {
    report.failure = error.what();
  }
  return report;
}

// Until when a task that began at `started` and used `cpu` keeps its worker.
Time ThreadFleet::delay(const Luck& luck, Time started, Time cpu) const {
  if (luck.exact) return started + *luck.exact;
  const double seconds = to_seconds(cpu) * (luck.factor - 1) + luck.added_seconds;
  return now() + from_seconds(std::max(seconds, 0.0));
}

// Waits until `until`; returns false at once if the job is to stop.
bool ThreadFleet::straggle(Worker& worker, const Job& job, Time until) {
  std::unique_lock lock(worker.mutex);
  worker.changed.wait_until(lock, start_ + until, [&] { return job.stop || worker.closing; });
  return !job.stop && !worker.closing;
}

}  // namespace laggard
