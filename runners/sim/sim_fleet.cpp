#include "runners/sim/sim_fleet.hpp"

#include "core/error.hpp"

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace laggard {
namespace {

// The price of work on a full CPU [math 9].
constexpr double kSecondsPerOperation = 3e-9;
constexpr double kTaskOverheadSeconds = 1e-3;
constexpr double kVectorOperations = 5;  // of length d, an inner iteration
constexpr double kFullCpuMemoryMb = 1769;

// Timers come after all reports of their instant.
constexpr std::int64_t kFirstTimer = std::int64_t{1} << 62;

}  // namespace

SimFleet::SimFleet(const SimOptions& options, const WorkerHalf& half,
                   std::unique_ptr<const StragglerModel> straggler,
                   std::unique_ptr<const WorkerStart> start)
    : half_(half), straggler_(std::move(straggler)), start_(std::move(start)),
      network_(options.network),
      seconds_per_operation_(kSecondsPerOperation / std::min(1.0, options.memory_mb / kFullCpuMemoryMb)),
      pool_(half, options.threads), workers_(static_cast<std::size_t>(options.workers)),
      next_timer_(kFirstTimer) {}

void SimFleet::submit(Task task, Deliver deliver) {
  const TaskId id = task.id;
  Flight flight;
  flight.worker = task.worker;
  flight.shard = task.shard;
  flight.numbers_down = task.numbers_down;
  flight.bytes_down = message_bytes(task.numbers_down);
  flight.deliver = std::move(deliver);
  flight.job = pool_.start(std::move(task));
  const Time ready = start_->ready_at(flight.worker);
  flights_.insert_or_assign(id, std::move(flight));
  if (ready > now_)
    events_.push({ready, id, depart});
  else
    fire({now_, id, depart});
}

void SimFleet::revoke(TaskId id) {
  const auto found = flights_.find(id);
  if (found == flights_.end()) return;
  Flight& flight = found->second;
  Worker& worker = workers_[static_cast<std::size_t>(flight.worker)];
  const bool queued = std::erase(worker.queue, id) > 0;
  // A task that was begun holds its worker until its end, as the worker is not told.
  const bool begun = !queued && flight.report.started != kForever;
  flight.deliver = nullptr;
  if (begun) return;
  pool_.abandon(*flight.job);
  flights_.erase(found);
}

void SimFleet::wake_at(Time when, std::function<void()> wake) {
  timers_.emplace(next_timer_, std::move(wake));
  events_.push({std::max(when, now_), next_timer_++, timer});
}

void SimFleet::run(asio::awaitable<void> main) {
  bool done = false;
  std::exception_ptr failure;
  asio::co_spawn(executor(), std::move(main), [&](std::exception_ptr error) {
    failure = error;
    done = true;
  });
  settle();
  while (!done) {  // time moves only while every coroutine is suspended
    if (events_.empty())
      throw Deadlock(fmt::format("at {} s of virtual time a protocol waits, but nothing is in flight",
                                 to_seconds(now_)));
    const Event event = events_.pop();
    now_ = event.when;
    fire(event);
    settle();
  }
  if (failure) std::rethrow_exception(failure);
}

void SimFleet::settle() {
  loop_.restart();
  while (loop_.poll() > 0) loop_.restart();
}

void SimFleet::fire(const Event& event) {
  if (event.stage == timer) {
    const auto wake = timers_.extract(event.order);
    wake.mapped()();
    return;
  }
  const TaskId id = event.order;
  const auto found = flights_.find(id);
  if (found == flights_.end()) return;  // revoked
  Flight& flight = found->second;
  switch (event.stage) {
    case depart:
      events_.push({network_.send(now_, flight.bytes_down, flight.numbers_down), id, receive});
      break;
    case receive: on_receive(id, flight); break;
    case look: on_look(id, flight); break;
    case finish: on_finish(id, flight); break;
    case arrive: on_arrive(id, flight); break;
    case answer: on_answer(id, flight); break;
    default: break;
  }
}

void SimFleet::on_receive(TaskId id, Flight& flight) {
  Worker& worker = workers_[static_cast<std::size_t>(flight.worker)];
  worker.queue.push_back(id);
  if (!worker.busy) begin_next(flight.worker);
}

void SimFleet::begin_next(WorkerId w) {
  Worker& worker = workers_[static_cast<std::size_t>(w)];
  worker.busy = !worker.queue.empty();
  if (!worker.busy) return;
  const TaskId id = worker.queue.front();
  worker.queue.pop_front();
  Flight& flight = flights_.at(id);
  flight.report.started = now_;
  flight.luck = straggler_->draw(w, worker.begun++);
  if (flight.luck.exact)
    events_.push({now_ + *flight.luck.exact, id, finish});
  else
    events_.push({now_ + duration(flight, half_.min_passes(), 0), id, look});
}

// (passes x nnz + 5 x inner iterations x d) x 3 ns x factor + 1 ms + added            [math 9]
Time SimFleet::duration(const Flight& flight, std::int64_t passes, std::int64_t inner) const {
  const double operations =
      static_cast<double>(passes) * static_cast<double>(half_.shard_nonzeros(flight.shard)) +
      kVectorOperations * static_cast<double>(inner) * half_.features();
  return from_seconds(operations * seconds_per_operation_ * flight.luck.factor +
                      kTaskOverheadSeconds + flight.luck.added_seconds);
}

void SimFleet::collect(Flight& flight) {
  pool_.wait(*flight.job);
  Report& report = flight.report;
  if (flight.job->error) {
    try {
      std::rethrow_exception(flight.job->error);
    } catch (const std::exception& error) {
      report.failure = error.what();
    }
  }
  report.contribution = std::move(flight.job->result);
  flight.job->task.z.reset();
  flight.job->task.omega.reset();
}

void SimFleet::on_look(TaskId id, Flight& flight) {
  collect(flight);
  const Contribution& work = flight.report.contribution;
  const Time end = flight.report.started + duration(flight, work.passes, work.inner_iterations);
  events_.push({std::max(end, now_), id, finish});
}

void SimFleet::on_finish(TaskId id, Flight& flight) {
  if (flight.luck.exact) collect(flight);
  const WorkerId worker = flight.worker;
  flight.report.finished = now_;
  if (flight.deliver)
    events_.push({network_.to_coordinator(now_, message_bytes(flight.report.contribution.x.size())), id, arrive});
  else
    flights_.erase(id);
  begin_next(worker);
}

void SimFleet::on_arrive(TaskId id, Flight& flight) {
  const std::int64_t numbers = flight.report.contribution.x.size();
  const Network::Service service = network_.receive(now_, message_bytes(numbers), numbers);
  flight.report.arrived = service.begin;
  events_.push({service.end, id, answer});
}

void SimFleet::on_answer(TaskId id, Flight&) {
  auto flight = flights_.extract(id);
  Flight& done = flight.mapped();
  if (!done.deliver) return;
  done.report.id = id;
  done.report.worker = done.worker;
  done.report.shard = done.shard;
  done.deliver(std::move(done.report));
}

}  // namespace laggard
