// One invocation: from dialling the coordinator to the end of the connection.
#pragma once

#include "core/wire/assignment.hpp"

#include <chrono>
#include <stdexcept>
#include <string>

namespace laggard {

// What the platform tells about an invocation.
struct InvocationContext {
  std::chrono::steady_clock::time_point end = std::chrono::steady_clock::time_point::max();
  bool cold = true;     // the first invocation of the environment
  Time grace{};         // from SIGTERM until the platform ends the process by force
  std::string ca_file;  // PEM; for shards behind https
};

struct ConversationSummary {
  std::string ended;        // goodbye, disconnected, deadline or terminated
  std::int64_t tasks = 0;   // reported
  bool terminated = false;  // there was a SIGTERM: the process is to end
};

// Why an invocation failed. `type`: Laggard.Unreachable, Laggard.WrongCertificate,
// Laggard.Rejected, Laggard.Protocol, Laggard.Work.
struct ConversationError : std::runtime_error {
  ConversationError(std::string type_, const std::string& message)
      : std::runtime_error(message), type(std::move(type_)) {}
  std::string type;
};

// Serves the coordinator until it says goodbye, the connection ends, or the platform's time is up
// within 300 ms. Keeps nothing of the run; the token is wiped. Throws ConversationError.
ConversationSummary converse(Assignment assignment, const InvocationContext& context);

}  // namespace laggard
