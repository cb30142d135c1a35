// HTTP requests by libcurl, driven by an Asio loop.
#pragma once

#include "core/task/types.hpp"
#include "runners/launchers/lambda/credentials.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace laggard {

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::string> headers;  // "Name: value"
  std::string body;
  Time connect_timeout = std::chrono::seconds(10);
  Time timeout = std::chrono::seconds(20);  // of the whole
  std::size_t most_bytes = 1 << 20;         // of the answer's header and body each
  bool direct = false;                      // never by a proxy
  const std::atomic<bool>* stop = nullptr;  // true: given up within a second or so

  // Signed with AWS Signature Version 4 where there are credentials.
  std::optional<Credentials> credentials;
  std::string region;
  std::string service = "lambda";
};

struct HttpResponse {
  int status = 0;                              // 0: no answer; `error` says why
  std::string error;                           // never holds a secret
  bool sent = false;                           // the peer may have got the request, or part of it
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  Time elapsed{};

  std::string header(const std::string& lower_case_name) const;  // empty: none
};

// Sends one request on a connection of its own and waits.
HttpResponse fetch(const HttpRequest& request);

// Many requests at a time, without threads. Each goes out on a connection of its own: libcurl would
// send a POST again by itself if a connection that it reuses turned out to be dead.
class HttpClient {
 public:
  using Done = std::function<void(HttpResponse)>;
  using Id = std::int64_t;

  explicit HttpClient(boost::asio::io_context& loop);
  ~HttpClient();  // drops what is under way; no Done is called any more

  Id send(const HttpRequest& request, Done done);  // `done` is never called inline
  HttpResponse fetch(const HttpRequest& request);  // waits
  void drop(Id id);                                // its Done is not called

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace laggard
