#include "runners/worker/engine.hpp"

#include "core/io/error.hpp"
#include "core/method/method.hpp"
#include "core/problem/finite.hpp"
#include "runners/worker/plugin_method.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <exception>
#include <limits>

namespace laggard {
namespace {

constexpr auto kEndPatience = std::chrono::seconds(2);
// Below that a task is small: sweeps of so few nonzeros last no longer than the heartbeat allows,
// however many they are; and the last one took less than to wake a thread twice and more.
constexpr std::int64_t kSmallNonzeros = 10'000;
constexpr Time kSmallTime = std::chrono::microseconds(200);
constexpr int kCrashed = 70;  // the exit status of a crash that the straggler model asked for
constexpr int kStuck = 71;    // and of a computation that does not stop

const std::atomic<bool> kNever{false};

Time thread_cpu_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

// The peer refuses anything else.
bool is_sendable(const Contribution& contribution, Precision precision) {
  if (!std::isfinite(contribution.gradient_norm)) return false;
  return std::all_of(contribution.vectors.begin(), contribution.vectors.end(),
                     [precision](const Vector& x) { return all_finite(precision, view(x)); }) &&
         std::all_of(contribution.scalars.begin(), contribution.scalars.end(),
                     [](double scalar) { return std::isfinite(scalar); });
}

const Method& method_of(const Work& work) {
  if (!work.plugin.empty()) return method_from_plugin(work);
  const auto found = methods().find(work.method);
  if (found != methods().end()) return found->second;
  throw Error(fmt::format("method {} is not built into this worker", work.method));
}

}  // namespace

Engine::Engine(Work work, WorkerKey key, std::string ca_file, Events events)
    : work_(std::move(work)),
      key_(key),
      events_(std::move(events)),
      shards_(
          work_, std::move(ca_file), [this](ShardId p) { return ask(p); }, ending_),
      straggler_(make_straggler(work_.straggler, work_.straggler_seed, work_.workers)),
      start_(straggler_->draw_start(key_)) {
  if (key_.worker < 0 || key_.worker >= work_.workers)
    throw Error(fmt::format("work: worker {} of {}; expected less", key_.worker, work_.workers));
  thread_ = std::thread([this] { run(); });
}

Engine::~Engine() {
  {
    std::unique_lock lock(mutex_);
    ending_ = true;
    queue_.clear();
    if (current_) current_->stop = true;
    changed_.notify_all();
    if (!changed_.wait_for(lock, kEndPatience, [&] { return ended_; })) {
      std::fputs("laggard-worker: the computation does not stop\n", stderr);
      _exit(kStuck);
    }
  }
  thread_.join();
}

void Engine::submit(TaskMessage task) {
  auto pending = std::make_shared<Pending>();
  pending->message = std::move(task);
  pending->received = Clock::now();
  {
    const std::lock_guard lock(mutex_);
    if (!idle_ || !queue_.empty() || !is_small(pending->message)) {
      queue_.push_back(std::move(pending));
      changed_.notify_all();
      return;
    }
  }
  events_.report(serve(*pending));  // the thread sleeps on: only this one could wake it
}

// While the thread is idle.
bool Engine::is_small(const TaskMessage& task) const {
  if (timed_ || straggles() || computed_ > kSmallTime) return false;
  std::int64_t nonzeros = 0;
  const auto count = [&](ShardId p) {
    const std::int64_t held = shards_.nonzeros(p);
    nonzeros += held < 0 ? kSmallNonzeros + 1 : held;
  };
  if (task.parts.empty()) count(task.shard);
  for (const Part& part : task.parts) count(part.shard);
  return nonzeros <= kSmallNonzeros;
}

void Engine::revoke(TaskId id) {
  const std::lock_guard lock(mutex_);
  if (current_ && current_->message.id == id) current_->stop = true;
  for (const auto& pending : queue_)
    if (pending->message.id == id) pending->stop = true;
  changed_.notify_all();
}

void Engine::supply(ShardId shard, Bytes rows) {
  const std::lock_guard lock(mutex_);
  supplied_.insert_or_assign(shard, std::move(rows));
  changed_.notify_all();
}

void Engine::run() {
  try {
    straggle(kNever, Clock::now() + start_.tail);
    if (!ending_) load_own();
    std::unique_lock lock(mutex_);
    while (true) {
      idle_ = true;
      changed_.wait(lock, [&] { return ending_ || !queue_.empty(); });
      idle_ = false;
      if (ending_) break;
      current_ = queue_.front();
      queue_.pop_front();
      const std::shared_ptr<Pending> pending = current_;
      lock.unlock();
      ReportMessage report = serve(*pending);
      if (!ending_) events_.report(std::move(report));
      lock.lock();
      current_.reset();
    }
  } catch (const std::exception& error) {
    if (!ending_) events_.failed(error.what());
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

void Engine::load_own() {
  for (const ShardId p : work_.own) shards_.load(p);
  half_ = method_of(work_).worker(shards_.problem(), work_.method_options, work_.precision);
  events_.ready();
}

Bytes Engine::ask(ShardId shard) {
  events_.ask(shard);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ending_ || supplied_.contains(shard); });
  if (ending_) throw Error(fmt::format("shard {}: not waited for any more", shard));
  return std::move(supplied_.extract(shard).mapped());
}

ReportMessage Engine::serve(Pending& pending) {
  TaskMessage& message = pending.message;
  const auto begin = Clock::now();
  ReportMessage report;
  report.id = message.id;
  report.shard = message.shard;
  report.queued = begin - pending.received;
  report.idle = reported_ == Clock::time_point{}
                    ? kForever
                    : std::max<Time>(pending.received - reported_, Time::zero());
  bool begun = false;
  try {
    const Task task = take(message);  // even if it was revoked: the coordinator counts on it
    begun = !pending.stop;
    if (begun) compute(task, pending, report);
  } catch (const std::exception& error) {
    report.failure = error.what();
  }
  if (pending.stop) {
    report.stopped = true;
    report.not_finite = false;
    report.failure.clear();
    report.contributes = false;
    report.scalars.clear();
    report.vectors.clear();
    report.ballast = 0;
  }
  reported_ = Clock::now();
  if (begun) report.compute = std::max<Time>(reported_ - begin - report.pause, Time(1));
  return report;
}

// Pauses, computes, and then takes as much longer as slowdown has it. What it is told in the pause
// it hears afterwards.
void Engine::compute(const Task& task, Pending& pending, ReportMessage& report) {
  Slowdown slowdown = straggler_->draw(key_.worker, pending.message.begun_before + begun_++);
  slowdown.factor *= start_.factor;
  report.pause = slowdown.pause;
  straggle(kNever, Clock::now() + slowdown.pause);
  if (pending.stop) return;
  load_for(task);
  const auto begin = Clock::now();
  const Time cpu_before = straggles() ? thread_cpu_time() : Time{};
  Contribution out = half_->compute(task, scratch_, pending.stop);
  computed_ = Clock::now() - begin;
  const std::optional<double> seconds = half_->seconds(task);
  timed_ = seconds.has_value();
  if (timed_ || straggles()) {
    Time cpu = thread_cpu_time() - cpu_before, computed = computed_;
    if (seconds) computed = cpu = from_seconds(*seconds);
    straggle(pending.stop, begin + time_taken(slowdown, computed, cpu));
  }
  if (slowdown.crash && !pending.stop) _exit(kCrashed);
  report.passes = out.passes;
  report.inner_iterations = out.inner_iterations;
  report.dense_work = out.dense_work;
  report.capped = out.capped;
  report.gradient_norm = out.gradient_norm;
  if (pending.stop) return;
  report.not_finite = !is_sendable(out, work_.precision);
  if (report.not_finite) return;
  for (KeptOperand& kept : half_->keep(task, out))
    held_.add_own(task.shard, kept.place, task.id, std::make_shared<Vector>(std::move(kept.value)));
  report.contributes = true;
  report.scalars = std::move(out.scalars);
  report.vectors = std::move(out.vectors);
  report.ballast = out.ballast;
}

// The task with all its operands. Throws Error where one was not sent and is not held.
Task Engine::take(TaskMessage& message) {
  Task task;
  task.id = message.id;
  task.worker = key_.worker;
  task.shard = message.shard;
  task.parts = std::move(message.parts);
  task.scalars = std::move(message.scalars);
  task.z = std::make_shared<Vector>(std::move(message.z));
  task.precision = work_.precision;
  for (std::size_t i = 0; i < message.operands.size(); ++i) {
    OperandMessage& operand = message.operands[i];
    const int place = static_cast<int>(i);
    SharedVector value;
    if (operand.sent)
      value = std::make_shared<Vector>(std::move(operand.value));
    else if (operand.name == kZeroOperand)
      value = std::make_shared<Vector>(Vector::Zero(operand.size));
    else if (const SharedVector* held = held_.find(task.shard, place, operand.name))
      value = *held;
    if (!value || value->size() != operand.size)
      throw Error(fmt::format("the worker does not hold operand {} of report {} on shard {}", place,
                              operand.name, task.shard));
    if (operand.name != kZeroOperand) held_.set_base(task.shard, place, operand.name, value);
    task.operands.push_back({operand.name, std::move(value)});
  }
  return task;
}

// Loads what the task is about and the worker does not hold yet.
void Engine::load_for(const Task& task) {
  bool more = task.parts.empty() && shards_.load(task.shard);
  for (const Part& part : task.parts) more |= shards_.load(part.shard);
  if (!more) return;
  half_ = method_of(work_).worker(shards_.problem(), work_.method_options, work_.precision);
}

void Engine::straggle(const std::atomic<bool>& stop, Clock::time_point until) {
  if (until <= Clock::now()) return;
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, until, [&] { return stop || ending_; });
}

}  // namespace laggard
