// An execution environment: one worker process, cold at first, then warm, serving one invocation at
// a time and frozen in between.
#pragma once

#include "runners/local_lambda/alarm.hpp"
#include "runners/local_lambda/billing.hpp"
#include "runners/local_lambda/cutting_proxy.hpp"
#include "runners/local_lambda/faults.hpp"
#include "runners/local_lambda/log.hpp"
#include "runners/local_lambda/process.hpp"
#include "runners/local_lambda/runtime.hpp"

#include <list>
#include <optional>

namespace laggard::local {

struct Invocation {
  std::string request_id, payload, function_arn;
  Fate fate;
};

struct Outcome {
  std::string payload;         // the answer, or the function error as JSON
  bool failed = false;         // by an error of the function
  bool service_error = false;  // the worker could not even be started; `payload` tells why
  std::string log_tail;
  Usage usage;
};
using Done = std::function<void(Outcome)>;

class Environment {
 public:
  enum class State { fresh, starting, busy, idle, ending, gone };

  // `changed`: the state is idle, ending or gone now, before the outcome is told. The environment
  // may not be destroyed from within.
  Environment(boost::asio::io_context& io, const LocalLambdaOptions& options, Log& log, int number,
              std::function<void(Environment&)> changed);
  ~Environment();

  // Only where fresh or idle. `done` is told once, never inline, except that nothing is told any
  // more once the environment is destroyed.
  void run(Invocation invocation, Done done);
  void kill();  // SIGKILL, from nowhere
  State state() const { return state_; }
  int number() const { return number_; }

 private:
  enum class Cause { none, timed_out, init_timed_out, out_of_memory, init_error };

  void start();
  void start_process();
  void give_up(Outcome outcome);
  void on_ready();
  void begin();
  void arm_faults();
  void on_answered(Answer answer);
  void take_answer(const Answer& answer);
  void on_init_error(std::string error);
  void on_exit(int status);
  void stop_because(Cause cause);
  void watch_memory();
  void retire();
  std::string fail(const std::string& type, const std::string& message);
  std::string explain_exit(int status);
  void finish(std::string payload, bool failed, State next);
  std::string proxied_payload();
  void change(State next);

  boost::asio::io_context& io_;
  const LocalLambdaOptions& options_;
  Log& log_;
  int number_;
  std::function<void(Environment&)> changed_;
  State state_ = State::fresh;
  Cause cause_ = Cause::none;
  std::optional<Invocation> invocation_;
  Done done_;
  std::optional<Answer> answer_;
  std::string init_error_, error_type_;
  LogTail tail_;
  Time started_{}, init_{};
  double max_memory_mb_ = 0;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<CuttingProxy> proxy_;
  std::unique_ptr<Process> process_;
  Alarm deadline_, memory_, idle_, chaos_resume_;
  std::list<Alarm> chaos_;
};

// The environment of a function's process, without the Runtime API's address.
std::vector<std::string> function_variables(const LocalLambdaOptions& options, int number);

}  // namespace laggard::local
