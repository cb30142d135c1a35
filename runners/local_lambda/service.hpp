// What an invocation goes through between the Invoke API and the environments: faults, Events and
// their repetitions.
#pragma once

#include "runners/local_lambda/pool.hpp"

namespace laggard::local {

// One attempt's end: throttled with a reason, a service error, or an outcome.
struct Attempt {
  std::string throttle_reason;
  bool service_error = false;
  Outcome outcome;
};

class Service {
 public:
  Service(boost::asio::io_context& io, const LocalLambdaOptions& options, Log& log, Meter& meter);

  // `over` is told once, perhaps inline.
  void invoke(Invocation invocation, std::function<void(Attempt)> over);
  // Queued: run at once, and again on errors. False: the queue is full.
  bool invoke_event(Invocation invocation);

 private:
  struct Event {
    Invocation invocation;
    int errors = 0, throttles = 0;
    Time since{};
  };

  void run(Invocation invocation, std::function<void(Attempt)> over);
  void try_event(std::shared_ptr<Event> event);
  void on_event_over(const std::shared_ptr<Event>& event, const Attempt& attempt);
  void later(Time after, std::function<void()> act);

  boost::asio::io_context& io_;
  const LocalLambdaOptions& options_;
  Log& log_;
  Meter& meter_;
  Pool pool_;
  std::uint64_t last_invocation_ = 0;
  int events_ = 0;  // queued or running
};

}  // namespace laggard::local
