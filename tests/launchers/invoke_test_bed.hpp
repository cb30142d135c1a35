// A launcher against a scripted service, and what is told of its starts.
#pragma once

#include "runners/launchers/lambda/invoke_launcher.hpp"
#include "tests/launchers/scripted_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace laggard {

inline const std::string kSecretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
inline const std::string kSessionToken = "IQoJb3JpZ2luX2VjEXAMPLETOKEN//////////wEaCXVz";

inline Credentials test_credentials() {
  Credentials credentials;
  credentials.access_key = "AKIDEXAMPLE";
  credentials.secret_key = Secret(kSecretKey);
  credentials.session_token = Secret(kSessionToken);
  credentials.source = "the test";
  return credentials;
}

inline InvokeOptions test_options(const std::string& endpoint) {
  InvokeOptions options;
  options.function = "laggard-worker";
  options.region = "us-east-1";
  options.endpoint = endpoint;
  options.credentials = test_credentials();
  options.retry.first = std::chrono::milliseconds(1);
  options.retry.most = std::chrono::milliseconds(4);
  options.patience = std::chrono::seconds(2);
  return options;
}

// What a function that fits is told to be; everything else is `invocation`'s to answer.
inline ScriptedReply healthy(const ServedRequest& request,
                             const std::function<ScriptedReply(const ServedRequest&)>& invocation) {
  if (request.target.ends_with("/configuration")) {
    return {.body = R"({"FunctionName":"laggard-worker","Runtime":"provided.al2023","Timeout":300,
                        "MemorySize":1024,"State":"Active","Architectures":["x86_64"]})"};
  }
  if (request.target.ends_with("/concurrency")) return {.body = "{}"};
  if (request.target.ends_with("/account-settings")) {
    return {.body = R"({"AccountLimit":{"UnreservedConcurrentExecutions":100}})"};
  }
  return invocation(request);
}

struct Told {
  WorkerKey key;
  InvocationEnd end;
};

class InvokeTestBed {
 public:
  explicit InvokeTestBed(InvokeOptions options) : launcher(loop, std::move(options)) {}

  // connects: its worker reaches the coordinator.
  void start(WorkerId worker = 0, Incarnation incarnation = 1, bool connects = true) {
    Assignment assignment;
    assignment.worker = worker;
    assignment.incarnation = incarnation;
    assignment.connect = "192.0.2.7:9000";
    assignment.token.fill(std::byte{0xab});
    launcher.start(assignment, [this](WorkerKey key, InvocationEnd end) {
      told.push_back({key, std::move(end)});
    });
    if (connects) launcher.worker_connected({worker, incarnation});
  }

  // Runs the loop until so many ends have been told, or `limit` is over.
  void run_until(std::size_t ends, Time limit = std::chrono::seconds(20)) {
    const auto until = std::chrono::steady_clock::now() + limit;
    loop.restart();
    while (told.size() < ends && loop.run_one_until(until) > 0) {
    }
  }

  boost::asio::io_context loop{1};
  std::vector<Told> told;
  InvokeLauncher launcher;
};

}  // namespace laggard
