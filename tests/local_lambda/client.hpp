// A client of the Invoke API on libcurl, blocking, and an endpoint with the echo runtime behind.
#pragma once

#include "runners/local_lambda/local_lambda.hpp"
#include "tests/support/eventually.hpp"

#include <future>
#include <map>
#include <string>
#include <vector>

namespace laggard {

struct Reply {
  int status = 0;                              // 0: no answer
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  std::string header(const std::string& name) const;  // empty: not there
  std::string log_tail() const;                       // X-Amz-Log-Result, decoded
  std::string value(const std::string& key) const;    // of the body, as text; empty: not there
};

struct Request {
  std::string method = "POST";
  std::string path;  // empty: the function's invocations
  std::string body = "{}";
  std::string type;  // X-Amz-Invocation-Type; empty: not sent
  bool tail = true;
  std::string access_key = "local", secret_key;  // empty: the endpoint's
  std::string region = "local";
  std::vector<std::string> headers;  // "Name: value"
  bool sign = true;
  long timeout_ms = 30000;
};

// Options for the echo runtime; `function` says how its initialisation goes.
LocalLambdaOptions echo_options();

Reply send(const LocalLambda& lambda, const Request& request);
Reply invoke(const LocalLambda& lambda, const std::string& payload);
// {"do": [commands]}; the answer of the echo runtime.
Reply obey(const LocalLambda& lambda, const std::vector<std::string>& commands);
std::future<Reply> obey_meanwhile(const LocalLambda& lambda,
                                  const std::vector<std::string>& commands);
std::string payload_of(const std::vector<std::string>& commands);

// The letter of /proc/PID/stat; 0: no such process.
char process_state(int id);
// Children of this process.
int children();

}  // namespace laggard
