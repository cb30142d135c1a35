// What is checked with the service before anything is started.
#pragma once

#include "runners/launchers/lambda/function_state.hpp"
#include "runners/launchers/lambda/http_client.hpp"

#include <functional>
#include <optional>
#include <string>

namespace laggard {

struct Preparation {
  using Fetch = std::function<HttpResponse(const HttpRequest&)>;  // blocking
  Fetch fetch = &laggard::fetch;
  std::function<void(std::string)> notice;
  const std::atomic<bool>* stop = nullptr;
  Time connect_timeout = std::chrono::seconds(10);
  Time patience = std::chrono::seconds(25);
  Time pause = std::chrono::milliseconds(500);  // between attempts
};

// Fetches `request`, again while there is no answer or an answer of 429 or 5xx, for as long as
// preparation.patience allows. Throws FleetError if there is no answer in the end, Error
// once `stop` is true.
HttpResponse fetch_patiently(const Preparation& preparation, const HttpRequest& request,
                             const FunctionAddress& address);

// The function's state; nothing where the service does not tell it to these credentials, which is
// told as a notice, as is a concurrency that leaves no room for hand-overs. Throws FleetError with
// the remedy where no fleet of so many workers can be.
std::optional<FunctionState> prepare_function(const Preparation& preparation,
                                              const FunctionAddress& address,
                                              const Credentials& credentials, int workers);

}  // namespace laggard
