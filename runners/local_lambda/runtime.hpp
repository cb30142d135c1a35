// How invocations get into an environment's process and their answers out: our own Runtime API, or
// the emulator of AWS. All in the loop's thread; no event is told inline.
#pragma once

#include "runners/local_lambda/local_lambda.hpp"

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace laggard::local {

struct Offer {
  std::string request_id, payload, function_arn, trace_id;
  std::int64_t deadline_ms = 0;  // since 1970
};

struct Answer {
  std::string payload;
  bool failed = false;     // the payload is an error
  bool timed_out = false;  // as the emulator says
};

class Runtime {
 public:
  struct Events {
    std::function<void()> ready;                   // waits for an invocation, and may be frozen
    std::function<void(Answer)> answered;          // at most once an offer; then ready() follows
    std::function<void(std::string)> init_failed;  // the error as JSON
  };

  virtual ~Runtime() = default;
  virtual std::vector<std::string> command() const = 0;
  virtual std::vector<std::string> variables() const = 0;  // besides those of every function
  virtual void started() = 0;                              // the process runs
  virtual void offer(const Offer& offer) = 0;              // after ready()
  virtual bool has_extension() const = 0;
  virtual bool may_freeze() const = 0;
};

std::unique_ptr<Runtime> make_runtime_api(boost::asio::io_context& io,
                                          const LocalLambdaOptions& options,
                                          Runtime::Events events);
std::unique_ptr<Runtime> make_emulator(boost::asio::io_context& io,
                                       const LocalLambdaOptions& options, Runtime::Events events);

}  // namespace laggard::local
