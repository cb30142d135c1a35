#include "runners/fleets/sim/sim_fleet.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <cmath>

namespace laggard {
namespace {

// After so long a worker that dies is missed.
constexpr Time kMissedAfter = kHeartbeatsMissed * kHeartbeat;

// Operations of a task's least work, of a nanosecond or so each, that weigh as much as handing it
// over to another thread and waiting for that.
constexpr std::int64_t kWorthHandingOver = 10'000;

// Timers come after all reports of their instant.
constexpr std::int64_t kFirstTimer = std::int64_t{1} << 62;

LifecycleOptions lifecycle_options(const SimOptions& options) {
  LifecycleOptions life;
  life.workers = options.workers;
  life.timeout = options.function.timeout;
  life.start_timeout = kForever;  // the model's starts take as long as they take
  life.invoke_rate = options.cold_start == 0 ? kInfinity : options.function.invoke_rate;
  life.backoff = Time{};
  return life;
}

}  // namespace

SimFleet::SimFleet(const SimOptions& options, const WorkerHalf& half,
                   std::unique_ptr<const StragglerModel> straggler)
    : Fleet(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE),  // nobody else has to do with its loop
      half_(half),
      straggler_(std::move(straggler)),
      options_(options),
      network_(options.network),
      seconds_per_operation_(
          options.work.seconds_per_operation /
          std::min(1.0, options.function.memory_mb / options.work.full_cpu_memory_mb)),
      pool_(half, options.threads),
      workers_(static_cast<std::size_t>(options.workers)),
      lifecycle_(lifecycle_options(options)),
      next_timer_(kFirstTimer) {
  least_work_.passes = half.min_passes();
}

void SimFleet::submit(const Task& task, Deliver deliver) {
  Flight& flight = flights_.add(task.id);
  std::destroy_at(&flight);  // an earlier one
  std::construct_at(&flight);
  flight.serial = next_serial_++;
  flight.task = &task;
  flight.worker = task.worker;
  flight.shard = task.shard;
  flight.answer = size_of_report(task);
  flight.nonzeros = half_.nonzeros(task);
  flight.seconds = half_.seconds(task);
  flight.deliver = std::move(deliver);
  flight.report.id = task.id;
  flight.report.worker = task.worker;
  flight.report.shard = task.shard;
  const std::int64_t least_work = flight.nonzeros * half_.min_passes() + half_.features();
  if (least_work > kWorthHandingOver) flight.computation = pool_.start(task);
  lifecycle_.submit(now_, task.worker, task.id);
  act(true);
}

void SimFleet::revoke(TaskId id) {
  lifecycle_.revoke(now_, id);
  act();
}

void SimFleet::wake_at(Time when, std::function<void()> wake) {
  timers_.emplace(next_timer_, std::move(wake));
  events_.push({std::max(when, now_), next_timer_++, timer, 0});
}

void SimFleet::run(asio::awaitable<void> main) {
  bool done = false;
  std::exception_ptr failure;
  lifecycle_.start(now_);
  act();
  asio::co_spawn(executor(), std::move(main), [&](std::exception_ptr error) {
    failure = error;
    done = true;
  });
  loop_.poll();  // to its end: where it waits, it has time pass
  if (!done) throw Deadlock("a protocol waits for something that its session knows nothing of");
  lifecycle_.finish(now_);
  if (failure) std::rethrow_exception(failure);
}

bool SimFleet::pass_time(const bool& waiting) {
  while (waiting) {
    if (events_.empty() || (flights_.empty() && timers_.empty()))
      throw Deadlock(fmt::format(
          "at {} s of virtual time a protocol waits, but nothing is in flight", to_seconds(now_)));
    const Event event = events_.pop();
    now_ = event.when;
    fire(event);
  }
  return true;
}

void SimFleet::at(Time when, const Flight& flight, Stage stage) {
  if (when < now_ || when > kEndOfTime)
    throw Error(
        fmt::format("{}: worker {} would still be at its task after {} s, and virtual time ends "
                    "there; expected shorter tasks or a --time-limit",
                    said_by(longest_part(flight, stage)), flight.worker, to_seconds(kEndOfTime)));
  events_.push({when, flight.report.id, stage, flight.serial});
}

std::string SimFleet::said_by(std::string_view constant) const {
  const auto found = options_.said_by.find(constant);
  return found == options_.said_by.end() ? fmt::format("--{}", constant) : found->second;
}

// The constant that makes most of a flight that is too long, at this stage of it.
std::string_view SimFleet::longest_part(const Flight& flight, Stage stage) const {
  using Share = std::pair<double, std::string_view>;
  std::vector<Share> shares;
  const Slowdown& slow = flight.slowdown;
  if (stage != look && stage != finish && stage != crash) {
    const NetworkOptions& network = options_.network;
    const auto bytes = static_cast<double>(flight.answer.bytes);
    const auto numbers = static_cast<double>(flight.answer.numbers);
    shares = {{network.latency, "latency"},
              {bytes / network.bandwidth, "bandwidth"},
              {bytes / network.coordinator_bandwidth, "coordinator-bandwidth"},
              {network.service_seconds, "service-seconds"},
              {network.service_seconds_per_number * numbers, "service-seconds-per-number"}};
  } else if (slow.exact || flight.seconds) {
    return "straggler";
  } else {
    const Contribution& work = flight.report.contribution;
    const double price = seconds_per_operation_;
    const double sweeps = static_cast<double>(std::max(work.passes, half_.min_passes())) *
                          static_cast<double>(flight.nonzeros) * price;
    const double vectors = options_.work.vector_operations *
                           static_cast<double>(work.inner_iterations) * half_.features() * price;
    shares = {{to_seconds(slow.pause) + (slow.factor - 1) * (sweeps + vectors), "straggler"},
              {sweeps, "seconds-per-operation"},
              {vectors, "vector-operations"},
              {options_.work.task_overhead, "task-overhead"},
              {to_seconds(flight.fetch), "bandwidth"}};
  }
  return std::max_element(shares.begin(), shares.end(),
                          [](const Share& a, const Share& b) { return a.first < b.first; })
      ->second;
}

void SimFleet::fire(const Event& event) {
  if (event.stage == timer) {
    const auto wake = timers_.extract(event.order);
    wake.mapped()();
    return;
  }
  if (event.stage > timer) return on_worker_event(event);
  Flight* const found = flights_.find(event.order);
  if (!found || found->serial != event.serial) return;  // answered already
  Flight& flight = *found;
  switch (event.stage) {
    case depart:
      return on_depart(flight);
    case receive:
      return on_receive(flight);
    case look:
      return on_look(flight);
    case halt:
      return on_halt(flight);
    case finish:
      return on_finish(flight);
    case crash:
      return on_crash(flight);
    case notice:
      lifecycle_.closed(now_, {flight.worker, flight.incarnation}, "the worker was lost");
      return act();
    case arrive:
      return on_arrive(flight);
    case answer:
      return on_answer(flight);
    default:
      LAGGARD_ASSERT(false, fmt::format("an event of stage {}", event.stage));
  }
}

void SimFleet::on_depart(Flight& flight) {
  if (!reaches(flight)) return;  // lost, and noticed later
  if (direct_links()) return await_messages(flight);
  const MessageSize size = size_of_task(*flight.task, worker_of(flight).known.send(*flight.task));
  tell_sent(size.bytes);
  at(network_.send(now_, size.bytes, size.numbers), flight, receive);
}

// The messages were sent when their senders had them; the task begins with the last.
void SimFleet::await_messages(Flight& flight) {
  const std::int64_t bytes = size_of_task(*flight.task, 0).bytes;
  Time there = now_;
  for (const PeerMessage& message : flight.task->messages)
    there = std::max(there, network_.between(message.sent, bytes));
  tell_sent(static_cast<std::int64_t>(flight.task->messages.size()) * bytes);
  at(there, flight, receive);
}

void SimFleet::on_receive(Flight& flight) {
  if (!reaches(flight)) return;
  Worker& worker = worker_of(flight);
  flight.received = true;
  if (flight.halted) return drop(flight);
  if (worker.current < 0) return begin(flight);
  worker.queue.push_back(flight.report.id);
}

void SimFleet::begin_next(WorkerId w) {
  Worker& worker = workers_[static_cast<std::size_t>(w)];
  worker.current = -1;
  if (worker.queue.empty()) return;
  Flight& flight = *flights_.find(worker.queue.front());
  worker.queue.pop_front();
  begin(flight);
}

void SimFleet::begin(Flight& flight) {
  Worker& worker = worker_of(flight);
  worker.current = flight.report.id;
  flight.report.started = now_;
  flight.slowdown = straggler_->draw(flight.worker, worker.begun++);
  flight.slowdown.factor *= worker.host_factor;
  flight.report.pause = flight.slowdown.pause;
  worker.paused_until = now_ + flight.slowdown.pause;
  flight.fetch = fetch_time(flight);
  if (flight.slowdown.exact || flight.seconds)
    end_after(flight, full_duration(flight));
  else if (flight.slowdown.crash)  // it may die before the least that its work can take
    end_after(flight, full_duration(flight));
  else
    at(now_ + duration(flight, least_work_), flight, look);
}

// A worker loads what it is sent a task for and does not hold; its next incarnation anew.
Time SimFleet::fetch_time(const Flight& flight) {
  if (options_.placement.empty()) return {};
  const auto& own = options_.placement[static_cast<std::size_t>(flight.worker)];
  const bool holds = std::find(own.begin(), own.end(), flight.shard) != own.end() ||
                     !worker_of(flight).fetched.insert(flight.shard).second;
  return holds ? Time{} : network_.fetch(half_.shard_bytes(flight.shard));
}

// The task ends `duration` after its start, or its worker dies on the way.
void SimFleet::end_after(const Flight& flight, Time duration) {
  if (flight.slowdown.crash) {
    const Time pause = flight.slowdown.pause;
    const auto lived = static_cast<double>((duration - pause).count()) * *flight.slowdown.crash;
    at(flight.report.started + pause + Time(static_cast<std::int64_t>(lived)), flight, crash);
  } else {
    at(std::max(flight.report.started + duration, now_), flight, finish);
  }
}

// (passes x nnz + dense work + vectors x inner iterations x d) x price x factor       [math 9]
double SimFleet::work_seconds(const Flight& flight, const Contribution& work) const {
  if (flight.seconds) return *flight.seconds * flight.slowdown.factor;
  const double operations =
      static_cast<double>(work.passes) * static_cast<double>(flight.nonzeros) +
      static_cast<double>(work.dense_work) +
      options_.work.vector_operations * static_cast<double>(work.inner_iterations) *
          half_.features();
  return operations * seconds_per_operation_ * flight.slowdown.factor;
}

// The pause + the fetch of the shard + the work + the overhead                          [math 9]
Time SimFleet::duration(const Flight& flight, const Contribution& work) const {
  const double overhead = flight.seconds ? 0 : options_.work.task_overhead;
  const double seconds = work_seconds(flight, work) + overhead;
  return flight.slowdown.pause + flight.fetch + std::min(kEndOfTime, from_seconds(seconds));
}

Time SimFleet::full_duration(Flight& flight) {
  if (flight.slowdown.exact) return flight.slowdown.pause + *flight.slowdown.exact;
  collect(flight);
  return duration(flight, flight.report.contribution);
}

void SimFleet::collect(Flight& flight) {
  if (flight.collected) return;
  flight.collected = true;
  try {
    flight.report.contribution =
        flight.computation ? pool_.take(*flight.computation) : pool_.compute(*flight.task);
  } catch (const std::exception& error) {
    flight.report.failure = error.what();
  }
}

void SimFleet::abandon(Flight& flight) {
  if (flight.computation) pool_.abandon(*flight.computation);
}

void SimFleet::on_look(Flight& flight) {
  if (flight.report.finished == kForever && !flight.halted)
    end_after(flight, full_duration(flight));
}

void SimFleet::on_halt(Flight& flight) {
  if (flight.halted || flight.report.finished != kForever) return;  // its report is on its way
  flight.halted = true;
  if (!flight.received || !reaches(flight)) return;
  if (std::erase(worker_of(flight).queue, flight.report.id) > 0) return drop(flight);
  if (flight.slowdown.stopped) return;  // it ends when it was recorded to
  // Heard in a pause, or while the shard is fetched, the word takes effect at the end of that:
  // there is no computation. Otherwise the solver stops at its next inner iteration; under given
  // times, at once.
  const Time begin = flight.report.started + flight.slowdown.pause + flight.fetch;
  Time end = begin;
  if (now_ >= begin && !flight.slowdown.exact && !flight.seconds) {
    full_duration(flight);
    const Contribution& work = flight.report.contribution;
    const double whole = work_seconds(flight, work);
    const double gone = to_seconds(now_ - begin);
    const auto steps =
        static_cast<double>(std::max({work.inner_iterations, work.passes, std::int64_t{1}}));
    // Behind the work comes the overhead, which a word ends at any moment.
    if (gone < whole) end = begin + from_seconds(std::ceil(gone / whole * steps) / steps * whole);
  }
  at(std::max(end, now_), flight, finish);
}

// The worker lets go of a task that it had not begun, once it hears of that.
void SimFleet::drop(Flight& flight) {
  abandon(flight);
  flight.answer = {};
  const Time heard = std::max(now_, worker_of(flight).paused_until);
  at(network_.to_coordinator(heard, flight.answer.bytes), flight, arrive);
}

void SimFleet::on_finish(Flight& flight) {
  if (flight.report.finished != kForever) return;  // it was halted before
  flight.report.finished = now_;
  if (flight.halted)
    abandon(flight);
  else
    collect(flight);
  if (flight.halted || !flight.report.failure.empty()) {
    flight.report.contribution.clear();
    flight.answer = {};
  }
  at(direct_links() ? now_ : network_.to_coordinator(now_, flight.answer.bytes), flight, arrive);
  begin_next(flight.worker);
}

void SimFleet::on_crash(Flight& flight) {
  if (flight.report.finished != kForever) return;  // it was halted before
  flight.report.finished = now_;
  worker_of(flight).dead = true;
  worker_of(flight).queue.clear();
  at(now_ + kMissedAfter, flight, notice);
}

void SimFleet::on_arrive(Flight& flight) {
  if (direct_links()) {
    flight.report.arrived = now_;
    return at(now_, flight, answer);
  }
  const Network::Service service =
      network_.receive(now_, flight.answer.bytes, flight.answer.numbers);
  flight.report.arrived = service.begin;
  at(service.end, flight, answer);
}

void SimFleet::on_answer(Flight& flight) {
  const TaskId id = flight.report.id;
  if (flight.incarnation == 0) return give_back(flight);  // it was revoked before it was sent
  const bool counts = lifecycle_.report(now_, {flight.worker, flight.incarnation}, id);
  LAGGARD_ASSERT(counts,
                 fmt::format("worker {} answers task {}, which is not open", flight.worker, id));
  if (flight.report.contribution.given())
    worker_of(flight).known.reported(flight.shard, id, flight.task->kept);
  act();
  give_back(flight);
}

void SimFleet::give_back(Flight& flight) {
  Report report = std::move(flight.report);
  const Deliver deliver = std::move(flight.deliver);
  flight.computation.reset();
  flights_.erase(report.id);  // first, for whoever is told may send the task again
  deliver(std::move(report));
}

}  // namespace laggard
