// The Runtime API of an environment, as far as a worker sees it.
#pragma once

#include "tests/worker/http_server.hpp"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace laggard {

class FakeRuntimeApi {
 public:
  FakeRuntimeApi();
  ~FakeRuntimeApi();

  std::string address() const;  // 127.0.0.1:PORT

  // Hands this out as the next invocation. deadline_ms: since 1970.
  void invoke(const std::string& id, std::string payload, std::int64_t deadline_ms = 0);

  struct Outcome {
    std::string kind;        // response, error or init/error
    std::string error_type;  // the header
    std::string body;
  };
  // How the invocation ended; for the id "init", how the start failed. Throws after 20 s.
  Outcome outcome(const std::string& id);
  // Waits until the worker has asked for the next invocation so many times.
  void wait_for_next(int times);

  bool extensions = true;  // whether extensions are offered; to be set before the worker starts
  int registered() const;
  std::string extension_body() const;

 private:
  struct Invocation {
    std::string id, payload;
    std::int64_t deadline_ms = 0;
  };

  HttpResponse answer(const HttpRequest& request);
  HttpResponse next();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Invocation> waiting_;
  std::map<std::string, Outcome> outcomes_;
  std::string extension_body_;
  int asked_ = 0, registered_ = 0;
  bool closing_ = false;
  std::optional<HttpServer> server_;
};

// Milliseconds since 1970, so far from now.
std::int64_t in_ms(std::int64_t milliseconds);

}  // namespace laggard
