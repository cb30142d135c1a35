// The part of ProcessFleet that does what the lifecycle says.
#include "runners/fleets/processes/process_fleet.hpp"

#include "core/io/error.hpp"
#include "runners/channels/tls/address.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace laggard {
namespace {

// How long the run waits at its end for its invocations to be answered, so that their price is
// known.
constexpr Time kPatienceForBills = std::chrono::seconds(5);

// The function's timeout is known once the launcher has looked at it.
LifecycleOptions prepared(LifecycleOptions options, Launcher& launcher) {
  launcher.prepare(options.workers);
  options.timeout = launcher.timeout();
  return options;
}

}  // namespace

ProcessFleet::ProcessFleet(ProcessFleetOptions options, const Problem& problem,
                           const MakeLauncher& make_launcher)
    : options_(std::move(options)),
      problem_(problem),
      limits_{options_.most_numbers_up, problem.shards, options_.work.precision},
      certificate_(options_.plain ? RunCertificate{} : make_run_certificate()),
      reception_(loop_, options_.listen, certificate_.context,
                 [this](std::shared_ptr<Connection> connection, const Hello& hello) {
                   on_hello(std::move(connection), hello);
                 }),
      launcher_(make_launcher(loop_)),
      lifecycle_(prepared(options_.lifecycle, *launcher_)),
      timer_(loop_),
      watch_timer_(loop_),
      begun_(static_cast<std::size_t>(options_.workers), 0) {
  launcher_->when_troubled(
      [this](WorkerKey key, const std::string& why) { notice_trouble(key, why); });
  forbid_core_dumps();  // tokens and the run's key are in memory
  if (options_.plain && !options_.listen.address().is_loopback())
    throw Error(fmt::format("--transport plain: only on loopback, not on {}; expected tls",
                            options_.listen.address().to_string()));
  if (options_.advertise.empty()) options_.advertise = to_text(reception_.local_endpoint());
}

ProcessFleet::~ProcessFleet() {
  for (auto& [key, token] : tokens_) wipe(token);
}

void ProcessFleet::submit(const Task& task, Deliver deliver) {
  tasks_.insert_or_assign(task.id, Pending{task, std::move(deliver)});
  lifecycle_.submit(now(), task.worker, task.id);
  carry_out_actions();
}

void ProcessFleet::revoke(TaskId id) {
  if (!tasks_.contains(id)) return;  // its answer is on the way to the session
  lifecycle_.revoke(now(), id);
  carry_out_actions();
}

void ProcessFleet::wake_at(Time when, std::function<void()> wake) {
  auto timer = std::make_shared<asio::steady_timer>(loop_, start_ + when);
  timer->async_wait([timer, wake = std::move(wake)](boost::system::error_code error) {
    if (!error) wake();
  });
}

void ProcessFleet::run(asio::awaitable<void> main) {
  start_ = std::chrono::steady_clock::now();
  std::exception_ptr failure;
  asio::co_spawn(executor(), std::move(main), [&](std::exception_ptr error) {
    failure = error;
    ended_ = true;
    asio::co_spawn(loop_, dismiss(), [&](std::exception_ptr) { loop_.stop(); });
  });
  lifecycle_.start(now());
  watch();
  carry_out_actions();
  const auto alive = asio::make_work_guard(loop_);
  loop_.run();
  loop_.restart();
  launcher_->finish(kPatienceForBills);
  if (failure) std::rethrow_exception(failure);
}

// Actions may bring about events, and those actions: one after the other, never inside one another.
void ProcessFleet::carry_out_actions() {
  if (settling_) return;
  settling_ = true;
  for (auto actions = lifecycle_.take_actions(); !actions.empty();
       actions = lifecycle_.take_actions())
    for (const Action& action : actions) perform(action);
  settling_ = false;
  const Time next = lifecycle_.next_timer();
  if (next == kForever) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(start_ + next);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) on_timer();
  });
}

void ProcessFleet::on_timer() {
  lifecycle_.timer(now());
  carry_out_actions();
}

void ProcessFleet::perform(const Action& action) {
  switch (action.kind) {
    case Action::Kind::invoke:
      return invoke(action.key);
    case Action::Kind::send:
      return send(action.key, action.task);
    case Action::Kind::revoke: {
      const auto link = links_.find({action.key.worker, action.key.incarnation});
      if (link == links_.end()) return;
      Bytes frame = link->second->connection->buffer();
      encode(RevokeMessage{action.task}, frame);
      return link->second->connection->send(std::move(frame));
    }
    case Action::Kind::goodbye:
      return say_goodbye(action.key);
    case Action::Kind::close:
      return drop(action.key);
    case Action::Kind::lost:
      return answer_without_work(action.task, action.why);
    case Action::Kind::dropped:
      return answer_without_work(action.task, {});
    case Action::Kind::fail:
      return tell_end(StopReason::fleet_failed, action.why);
  }
}

void ProcessFleet::invoke(WorkerKey key) {
  Assignment assignment;
  assignment.run = run_;
  assignment.worker = key.worker;
  assignment.incarnation = key.incarnation;
  assignment.connect = options_.advertise;
  assignment.token = random_token();
  assignment.pin = certificate_.pin;
  tokens_.emplace(Key(key.worker, key.incarnation), assignment.token);
  launcher_->start(assignment, [this](WorkerKey ended, InvocationEnd end) {
    forget_token(ended);
    if (end.failed && !end.hopeless) notice_trouble(ended, end.why);
    lifecycle_.invocation_ended(now(), ended, std::move(end));
    carry_out_actions();
  });
  wipe(assignment.token);
}

void ProcessFleet::send(WorkerKey key, TaskId id) {
  const auto link = links_.find({key.worker, key.incarnation});
  const auto pending = tasks_.find(id);
  if (link == links_.end() || pending == tasks_.end())
    return;  // its end is on its way to the lifecycle
  const Task& task = pending->second.task;
  Link& to = *link->second;
  to.shards_named.insert(task.shard);
  for (const Part& part : task.parts) to.shards_named.insert(part.shard);
  const std::uint32_t sent = to.known.send(task);
  if (!to.begun_before) to.begun_before = begun_[static_cast<std::size_t>(key.worker)];
  ++to.unanswered;
  if (!tail_ || tail_->numbers != task.z || tail_->precision != task.precision)
    tail_ = make_tail(task.z, task.precision);
  Bytes frame = to.connection->buffer();
  encode(task, sent, *to.begun_before, *tail_, frame);
  pending->second.sent = now();
  tell_sent(size_of_task(task, sent).bytes);
  to.connection->send(std::move(frame), tail_);
}

// A start that fails is tried again, for a while in silence; not for long.
void ProcessFleet::notice_trouble(WorkerKey key, const std::string& why) {
  constexpr Time kBetween = std::chrono::seconds(5);
  if (ended_ || lifecycle_.is_ready(key.worker) || now() < noticed_ + kBetween) return;
  noticed_ = now();
  tell_notice(fmt::format("worker {} is started again: {}", key.worker, why));
}

void ProcessFleet::forget_token(WorkerKey key) {
  const auto token = tokens_.find({key.worker, key.incarnation});
  if (token == tokens_.end()) return;
  wipe(token->second);
  tokens_.erase(token);
}

// The worker ends its invocation; whether it does is seen by the end of its connection.
void ProcessFleet::say_goodbye(WorkerKey key) {
  const auto link = links_.find({key.worker, key.incarnation});
  if (link == links_.end()) return;
  Bytes frame = link->second->connection->buffer();
  encode(MessageKind::goodbye, frame);
  link->second->connection->send(std::move(frame));
}

void ProcessFleet::drop(WorkerKey key) {
  forget_token(key);
  const auto link = links_.find({key.worker, key.incarnation});
  if (link != links_.end()) link->second->connection->close();
  launcher_->cancel(key);
}

// Its worker is lost, because of `failure`; or, if that is empty, it was revoked before it was
// sent.
void ProcessFleet::answer_without_work(TaskId id, const std::string& failure) {
  auto pending = tasks_.extract(id);
  if (pending.empty() || ended_) return;
  const Task& task = pending.mapped().task;
  Report report;
  report.id = id;
  report.worker = task.worker;
  report.shard = task.shard;
  report.failure = failure;
  report.lost = !failure.empty();
  report.contribution.stopped = failure.empty();
  report.arrived = now();
  // Never inline: the task may have been submitted by the very caller.
  asio::post(loop_, [this, deliver = std::move(pending.mapped().deliver),
                     report = std::move(report)]() mutable {
    if (!ended_) deliver(std::move(report));
  });
}

std::optional<FleetCost> ProcessFleet::cost() const { return launcher_->cost(); }

}  // namespace laggard
