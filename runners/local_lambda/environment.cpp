#include "runners/local_lambda/environment.hpp"

#include "core/io/error.hpp"
#include "runners/local_lambda/identifiers.hpp"
#include "runners/local_lambda/spawn.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>
#include <csignal>

namespace laggard::local {
namespace {

using namespace std::chrono_literals;

constexpr Time kMemoryLook = 100ms;        // between two looks at the resident memory
constexpr Time kShutdownPatience = 500ms;  // from SIGTERM to SIGKILL, with an internal extension

std::int64_t since_1970_ms(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

std::string timed_out_text(Time after) {
  return fmt::format("Task timed out after {:.2f} seconds", to_seconds(after));
}

}  // namespace

Environment::Environment(boost::asio::io_context& io, const LocalLambdaOptions& options, Log& log,
                         int number, std::function<void(Environment&)> changed)
    : io_(io),
      options_(options),
      log_(log),
      number_(number),
      changed_(std::move(changed)),
      deadline_(io),
      memory_(io),
      idle_(io),
      chaos_resume_(io) {}

Environment::~Environment() = default;

void Environment::run(Invocation invocation, Done done) {
  invocation_ = std::move(invocation);
  done_ = std::move(done);
  idle_.cancel();
  if (state_ != State::fresh) return begin();
  state_ = State::starting;
  const Time later = invocation_->fate.slow_start ? from_seconds(options_.faults.slow_start_seconds)
                                                  : Time::zero();
  deadline_.set(later, [this] { start(); });  // never inline: it may fail
}

void Environment::start() {
  try {
    start_process();
  } catch (const NotExecutable& error) {
    Outcome outcome;
    outcome.failed = true;
    outcome.payload = fail("Runtime.InvalidEntrypoint",
                           fmt::format("fork/exec /var/task/bootstrap: {}", error.what()));
    outcome.log_tail = tail_.text();
    return give_up(std::move(outcome));
  } catch (const Error& error) {
    log_.line(fmt::format("[{}] {}", number_, error.what()));
    Outcome outcome;
    outcome.service_error = true;
    outcome.payload = error.what();
    return give_up(std::move(outcome));
  }
  started_ = now();
  deadline_.set(options_.init_timeout, [this] { stop_because(Cause::init_timed_out); });
  watch_memory();
}

// There is no process, and there will be none.
void Environment::give_up(Outcome outcome) {
  invocation_.reset();
  change(State::gone);
  std::exchange(done_, nullptr)(std::move(outcome));
}

void Environment::start_process() {
  Runtime::Events events{[this] { on_ready(); },
                         [this](Answer answer) { on_answered(std::move(answer)); },
                         [this](std::string error) { on_init_error(std::move(error)); }};
  const auto make = options_.emulator.empty() ? make_runtime_api : make_emulator;
  runtime_ = make(io_, options_, std::move(events));
  Process::Spec spec;
  spec.command = runtime_->command();
  spec.environment = function_variables(options_, number_);
  for (std::string& variable : runtime_->variables()) {
    spec.environment.push_back(std::move(variable));
  }
  spec.directory = options_.worker.parent_path().string();
  process_ = std::make_unique<Process>(io_, spec,
                                       Process::Events{[this](std::string_view bytes) {
                                                         tail_.append(bytes);
                                                         log_.output(number_, bytes);
                                                       },
                                                       [this](int status) { on_exit(status); }});
  log_.line(fmt::format("[{}] started process {}", number_, process_->id()));
  runtime_->started();
}

void Environment::on_ready() {
  if (state_ == State::starting) {
    init_ = std::max(now() - started_, Time(1));
    begin();
  } else if (state_ == State::busy && answer_ && cause_ == Cause::none) {
    take_answer(*std::exchange(answer_, std::nullopt));
  }
}

void Environment::take_answer(const Answer& answer) {
  // After a failure the emulator is in no state to go on.
  const bool goes_on = !answer.failed || runtime_->may_freeze();
  const State next = goes_on ? State::idle : State::ending;
  if (answer.timed_out) {
    finish(fail("Sandbox.Timedout", timed_out_text(options_.timeout)), true, next);
  } else {
    finish(answer.payload, answer.failed, next);
  }
  if (next == State::ending) process_->kill();
}

void Environment::begin() {
  state_ = State::busy;
  process_->send_signal(SIGCONT);
  started_ = now();
  tail_.append(fmt::format("START RequestId: {} Version: $LATEST\n", invocation_->request_id));
  deadline_.set(options_.timeout, [this] { stop_because(Cause::timed_out); });
  watch_memory();
  arm_faults();
  Offer offer;
  offer.request_id = invocation_->request_id;
  offer.payload = proxied_payload();
  offer.function_arn = invocation_->function_arn;
  offer.trace_id = make_trace_id();
  offer.deadline_ms = since_1970_ms(
      std::chrono::system_clock::now() +
      std::chrono::duration_cast<std::chrono::system_clock::duration>(options_.timeout));
  runtime_->offer(offer);
}

std::string Environment::proxied_payload() {
  const auto connect =
      invocation_->fate.drop ? connect_address(invocation_->payload) : std::nullopt;
  if (!connect) return invocation_->payload;
  try {
    proxy_ = std::make_unique<CuttingProxy>(io_, *connect, *invocation_->fate.drop);
  } catch (const Error& error) {  // no port is left: then there is no fault
    log_.line(fmt::format("[{}] no proxy: {}", number_, error.what()));
    return invocation_->payload;
  }
  return with_connect_address(invocation_->payload, proxy_->address());
}

void Environment::arm_faults() {
  const auto later = [this](const std::optional<Time>& after, std::string_view name, auto act) {
    if (!after) return;
    chaos_.emplace_back(io_).set(*after, [this, name, act] {
      log_.line(fmt::format("[{}] fault {}", number_, name));
      act();
    });
  };
  later(invocation_->fate.crash, "crash", [this] { process_->send_signal(SIGABRT); });
  later(invocation_->fate.kill, "kill", [this] { process_->kill(); });
  later(invocation_->fate.stall, "stall", [this] {
    process_->send_signal(SIGSTOP);
    chaos_resume_.set(from_seconds(options_.faults.stall_seconds),
                      [this] { process_->send_signal(SIGCONT); });
  });
}

void Environment::on_answered(Answer answer) {
  if (state_ == State::busy && !answer_) answer_ = std::move(answer);
}

void Environment::on_init_error(std::string error) {
  if (state_ != State::starting) return;
  init_error_ = std::move(error);
  stop_because(Cause::init_error);
}

void Environment::stop_because(Cause cause) {
  if (cause_ == Cause::none) cause_ = cause;
  process_->kill();
}

void Environment::kill() {
  if (process_) process_->kill();
}

void Environment::watch_memory() {
  memory_.set(kMemoryLook, [this] {
    const double resident = process_->resident_mb();
    max_memory_mb_ = std::max(max_memory_mb_, resident);
    if (resident > options_.memory_mb && options_.emulator.empty()) {
      return stop_because(Cause::out_of_memory);
    }
    watch_memory();
  });
}

void Environment::on_exit(int status) {
  deadline_.cancel();
  memory_.cancel();
  idle_.cancel();
  log_.line(fmt::format("[{}] ended: {}", number_, describe_exit(status)));
  if (!invocation_) return change(State::gone);
  if (state_ == State::starting) {
    init_ = std::max(now() - started_, Time(1));
    started_ = now();
  }
  if (cause_ == Cause::none && answer_) {  // it ended after its answer: the answer counts
    const Answer answer = std::move(*answer_);
    return finish(answer.payload, answer.failed, State::gone);
  }
  finish(explain_exit(status), true, State::gone);
}

// The function error's JSON, which is written to the log as well.
std::string Environment::fail(const std::string& type, const std::string& message) {
  error_type_ = type;
  const std::string text = fmt::format("RequestId: {} Error: {}", invocation_->request_id, message);
  tail_.append(text + "\n");
  return boost::json::serialize(boost::json::object{{"errorType", type}, {"errorMessage", text}});
}

std::string Environment::explain_exit(int status) {
  switch (cause_) {
    case Cause::timed_out:
      return fail("Sandbox.Timedout", timed_out_text(options_.timeout));
    case Cause::init_timed_out:
      return fail("Sandbox.Timedout", timed_out_text(options_.init_timeout));
    case Cause::out_of_memory:
      return fail("Runtime.OutOfMemory", "Runtime exited with error: signal: killed");
    case Cause::init_error:
      error_type_ = "Runtime.InitError";
      return init_error_;
    case Cause::none:
      break;
  }
  if (status == 0) return fail("Runtime.ExitError", "Runtime exited without providing a reason");
  return fail("Runtime.ExitError", "Runtime exited with error: " + describe_exit(status));
}

void Environment::finish(std::string payload, bool failed, State next) {
  deadline_.cancel();
  memory_.cancel();
  chaos_.clear();
  chaos_resume_.cancel();
  proxy_.reset();
  process_->read_output();
  max_memory_mb_ = std::max(max_memory_mb_, process_->peak_resident_mb());

  Outcome outcome;
  outcome.payload = std::move(payload);
  outcome.failed = failed;
  const bool timed_out = error_type_ == "Sandbox.Timedout";
  outcome.usage.duration = now() - started_;
  if (timed_out) outcome.usage.duration = std::min(outcome.usage.duration, options_.timeout);
  outcome.usage.init = std::exchange(init_, Time::zero());
  outcome.usage.memory_mb = options_.memory_mb;
  outcome.usage.max_memory_mb = max_memory_mb_;
  outcome.usage.status = timed_out ? "timeout" : error_type_.empty() ? "" : "error";
  if (!timed_out) outcome.usage.error_type = error_type_;
  tail_.append(fmt::format("END RequestId: {}\n", invocation_->request_id));
  tail_.append(report_line(invocation_->request_id, outcome.usage));
  outcome.log_tail = tail_.text();

  tail_.clear();
  error_type_.clear();
  invocation_.reset();
  answer_.reset();
  const Done done = std::exchange(done_, nullptr);
  if (next == State::idle) {
    if (runtime_->may_freeze()) process_->send_signal(SIGSTOP);
    idle_.set(options_.idle_timeout, [this] { retire(); });
  }
  change(next);
  done(std::move(outcome));
}

void Environment::retire() {
  change(State::ending);
  if (!runtime_->has_extension()) return process_->kill();
  process_->send_signal(SIGTERM);
  process_->send_signal(SIGCONT);
  deadline_.set(kShutdownPatience, [this] { process_->kill(); });
}

void Environment::change(State next) {
  state_ = next;
  changed_(*this);
}

}  // namespace laggard::local
