// The requests to Lambda's API about one function, and what the service says in its answers.
#pragma once

#include "runners/launchers/lambda/http_client.hpp"

#include <string>

namespace laggard {

// The function and where it is.
struct FunctionAddress {
  std::string name;
  std::string qualifier;  // version or alias; empty: none
  std::string region;
  std::string endpoint;  // URL without a slash at its end

  // For messages: "NAME in REGION".
  std::string text() const;
};

// function: NAME or NAME:QUALIFIER. endpoint: empty for AWS's own. Throws Error naming the option:
// also where a secret would leave this host without TLS.
FunctionAddress function_address(const std::string& function, const std::string& region,
                                 const std::string& endpoint);

// Signed; without time-outs of their own.
HttpRequest invoke_request(const FunctionAddress& address, const Credentials& credentials,
                           const std::string& payload);
HttpRequest dry_run_request(const FunctionAddress& address, const Credentials& credentials);
HttpRequest configuration_request(const FunctionAddress& address, const Credentials& credentials);
HttpRequest concurrency_request(const FunctionAddress& address, const Credentials& credentials);
HttpRequest account_request(const FunctionAddress& address, const Credentials& credentials);

// What the service refused a request with.
struct ServiceError {
  std::string type;     // "ResourceNotFoundException"; empty where it said none
  std::string message;  // one line, bounded
  std::string reason;   // of 429
};
ServiceError service_error(const HttpResponse& response);

// `text` in one line of at most `most` characters, without control characters.
std::string one_line(std::string_view text, std::size_t most = 300);

}  // namespace laggard
