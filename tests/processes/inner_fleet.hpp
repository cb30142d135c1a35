// A ProcessFleet whose workers are coroutines of the test's own process: real sockets, real TLS,
// and whatever a test wants them to do wrong.
#pragma once

#include "core/io/error.hpp"
#include "core/results/environment.hpp"
#include "runners/channels/tls/address.hpp"
#include "runners/fleets/processes/process_fleet.hpp"
#include "tests/support/testbed.hpp"
#include "tests/support/whole_frames.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <map>
#include <set>
#include <tuple>

namespace laggard::testing {

// What the fleet asked to be started, and what the test makes of it.
class InnerLauncher final : public Launcher {
 public:
  struct Log {
    std::vector<Assignment> started;
    std::function<void(const Assignment&)> on_start;
    std::map<std::pair<int, int>, Ended> ended;
    Time timeout = kForever;
  };
  explicit InnerLauncher(Log& log) : log_(log) {}

  void prepare(int) override {}
  void start(const Assignment& assignment, Ended ended) override {
    log_.started.push_back(assignment);
    log_.ended[{assignment.worker, assignment.incarnation}] = std::move(ended);
    if (log_.on_start) log_.on_start(assignment);
  }
  void cancel(WorkerKey) override {}
  void finish(Time) override {}
  Time timeout() const override { return log_.timeout; }

 private:
  Log& log_;
};

// The worker's side of a connection, as far as it is told to behave.
class Caller {
 public:
  Caller(asio::any_io_executor executor, const Assignment& assignment)
      : assignment_(assignment),
        connection_(std::make_shared<Connection>(
            asio::ip::tcp::socket(executor),
            assignment.pin.empty() ? nullptr : pinned_context(assignment.pin))) {}

  std::string version = laggard::version();  // that it claims to be of

  Connection& connection() { return *connection_; }
  asio::awaitable<void> connect() {
    return connection_->connect(parse_endpoint(assignment_.connect, "connect"));
  }
  Hello hello() const {
    Hello hello;
    hello.run = assignment_.run;
    hello.worker = assignment_.worker;
    hello.incarnation = assignment_.incarnation;
    hello.nonce = random_nonce();
    hello.version = version;
    const Bytes channel = connection_->channel();
    hello.proof = make_proof(assignment_.token, channel, hello.run, hello.worker, hello.incarnation,
                             hello.nonce);
    return hello;
  }
  template <class Message>
  void say(const Message& message) {
    Bytes frame;
    encode(message, frame);
    connection_->send(std::move(frame));
  }
  void say(const ReportMessage& message) {
    Bytes frame;
    encode_whole(message, Precision::f64, frame);
    connection_->send(std::move(frame));
  }
  asio::awaitable<void> hear(Frame& frame) { return connection_->read(frame, &anything, nullptr); }

 private:
  static std::uint64_t anything(MessageKind, const void*) { return 1 << 30; }

  Assignment assignment_;
  std::shared_ptr<Connection> connection_;
};

// Computes as the whole problem's half does; `spoil` may change a report before it is sent, and
// returns false to keep it back.
using Spoil = std::function<bool(Caller&, const TaskMessage&, ReportMessage&)>;

// By shard, place and name: all that it was ever sent, and all that it may keep.
using OperandMemory = std::map<std::tuple<ShardId, std::size_t, OperandName>, SharedVector>;

inline Task task_of(const TaskMessage& message, OperandMemory& memory) {
  Task task;
  task.id = message.id;
  task.shard = message.shard;
  task.scalars = message.scalars;
  task.parts = message.parts;
  task.z = std::make_shared<Vector>(message.z);
  for (std::size_t i = 0; i < message.operands.size(); ++i) {
    const OperandMessage& operand = message.operands[i];
    SharedVector& value = memory[{message.shard, i, operand.name}];
    if (operand.sent) value = std::make_shared<Vector>(operand.value);
    if (operand.name == kZeroOperand) value = std::make_shared<Vector>(Vector::Zero(operand.size));
    if (!value) throw std::runtime_error("an operand that is neither sent nor held");
    task.operands.push_back({operand.name, value});
  }
  return task;
}

inline asio::awaitable<void> work(std::shared_ptr<Caller> caller, const WorkerHalf& half,
                                  Limits limits, Spoil spoil) {
  static const std::atomic<bool> never{false};
  Workspace scratch;
  Frame frame;
  TaskMessage message;
  OperandMemory memory;
  co_await caller->connect();
  caller->say(caller->hello());
  co_await caller->hear(frame);
  if (frame.header.kind != MessageKind::welcome) co_return;
  caller->say(MessageKind::ready);
  while (true) {
    co_await caller->hear(frame);
    if (frame.header.kind == MessageKind::goodbye) break;
    if (frame.header.kind != MessageKind::task) continue;
    decode(frame, limits, message);
    const Task task = task_of(message, memory);
    Contribution done = half.compute(task, scratch, never);
    for (KeptOperand& kept : half.keep(task, done))
      memory[{task.shard, static_cast<std::size_t>(kept.place), task.id}] =
          std::make_shared<Vector>(std::move(kept.value));
    ReportMessage report;
    report.id = task.id;
    report.shard = task.shard;
    report.passes = done.passes;
    report.inner_iterations = done.inner_iterations;
    report.dense_work = done.dense_work;
    report.capped = done.capped;
    report.compute = Time(1);
    report.contributes = true;
    report.scalars = std::move(done.scalars);
    report.vectors = std::move(done.vectors);
    if (!spoil || spoil(*caller, message, report)) caller->say(report);
  }
  caller->connection().close();
}

// A run of sync on such a fleet. `extra` runs beside it, on the same loop, and may attack.
struct InnerRun {
  Problem problem = synthetic("n=200,d=20,density=0.3", 4);
  int workers = 4;
  int rounds = 10;
  std::function<MethodHalves(const Problem&)> make_method = [](const Problem& whole) {
    return testing::halves_of("admm", whole);
  };
  Spoil spoil;
  std::string version = laggard::version();  // of the workers
  std::function<asio::awaitable<void>(InnerRun&, ProcessFleet&)> extra;
  bool plain = false;
  WorkerId held_back = -1;  // starts with release() only
  std::function<void()> release;
  int reports = 0;  // that workers made; counted by `spoil`
  InnerLauncher::Log log;
  Refusals refused;
  std::vector<LifeRow> lives;

  Summary run(const std::string& protocol = "sync") {
    static const std::atomic<bool> never{false};
    const MethodHalves halves = make_method(problem);
    const Limits limits{halves.coordinator->most_numbers_down(), problem.shards, Precision::f64};
    ProcessFleetOptions options;
    options.workers = workers;
    options.listen = asio::ip::tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0);
    options.plain = plain;
    options.lifecycle.workers = workers;
    options.lifecycle.backoff = std::chrono::milliseconds(1);
    options.most_numbers_up = halves.coordinator->most_numbers_up();
    for (WorkerId w = 0; w < workers; ++w) options.placement.push_back({w});
    ProcessFleet fleet(options, problem,
                       [&](asio::io_context&) { return std::make_unique<InnerLauncher>(log); });
    log.on_start = [&](const Assignment& assignment) {
      if (assignment.worker == held_back) {
        release = [this, assignment, start = log.on_start] {
          held_back = -1;
          start(assignment);
        };
        return;
      }
      auto caller = std::make_shared<Caller>(fleet.executor(), assignment);
      caller->version = version;
      asio::co_spawn(fleet.executor(), work(std::move(caller), *halves.worker, limits, spoil),
                     [](std::exception_ptr) {});  // whatever ends a worker, the fleet is to cope
    };
    if (extra) {
      fleet.wake_at(Time{}, [&] {
        asio::co_spawn(fleet.executor(), extra(*this, fleet), [&](std::exception_ptr error) {
          if (error) failure = error;
          attacked = true;
        });
      });
    }
    SessionOptions session = session_options();
    session.time_limit = std::chrono::seconds(60);
    Testbed::Outcome outcome;
    Run run(fleet, problem, *halves.coordinator, session, outcome, never);
    Summary summary = run.run(protocols().at(protocol));
    refused = fleet.refused();
    lives = fleet.lives();
    if (failure) std::rethrow_exception(failure);
    return summary;
  }

  // The digest of the same run, undisturbed, on the simulator.
  std::uint64_t undisturbed() const { return simulated().iterate_digest; }
  Summary simulated() const {
    static const std::atomic<bool> never{false};
    Testbed bed;
    bed.workers = workers;
    const MethodHalves halves = make_method(problem);
    const std::unique_ptr<Fleet> sim = bed.sim(*halves.worker);
    Testbed::Outcome outcome;
    Run run(*sim, problem, *halves.coordinator, session_options(), outcome, never);
    return run.run(protocols().at("sync"));
  }
  SessionOptions session_options() const {
    SessionOptions session;
    session.stopping.rule = StopRule::none;
    session.max_rounds = rounds;
    return session;
  }

  std::exception_ptr failure;
  bool attacked = false;  // `extra` has ended
};

}  // namespace laggard::testing
