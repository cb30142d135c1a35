// What an answer of the Invoke API means for the worker that was to be started.
#pragma once

#include "runners/launchers/lambda/service_api.hpp"
#include "runners/launchers/launcher.hpp"

#include <optional>

namespace laggard {

// What an invocation cost, as the service tells.
struct Billing {
  double seconds = 0;
  double memory_mb = 0;
};

struct InvokeAnswer {
  InvocationEnd end;
  std::optional<Billing> billing;
  bool not_started = false;  // the invocation did not start: the same request may be sent again
  bool no_room = false;      // 429 for want of concurrency, as opposed to a rate
  bool refresh = false;      // the credentials have expired
  bool reached_service = false;
  bool ended_by_itself = false;  // the function's process, and nobody killed it
};

// What is known when the answer comes.
struct InvokeContext {
  FunctionAddress address;
  bool any_connected = false;  // a worker has reached the coordinator in this run
  std::string connect;         // where workers were told to dial, for messages
  bool kills_asked = false;    // the service kills on purpose
};

InvokeAnswer read_answer(const HttpResponse& response, const InvokeContext& context);

// Of the log's tail (base64, from X-Amz-Log-Result): its REPORT line.
std::optional<Billing> read_billing(const std::string& log_result);

// What to do about an error of the service that repeating does not mend; empty where it may.
std::string remedy(int status, const ServiceError& error, const FunctionAddress& address);

}  // namespace laggard
