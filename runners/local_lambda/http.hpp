// HTTP/1.1 servers over plain TCP, as little of them as the Invoke API and the Runtime API need.
#pragma once

#include "core/task/types.hpp"
#include "runners/channels/http/client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace laggard::local {

struct HttpRequest {
  std::string method;
  std::string target;   // as sent: path and query
  HttpHeaders headers;  // in order, names as sent
  std::string body;
  bool too_large = false;  // the body was over the server's limit, and is not here

  // The first header of that name, in any case; empty: none.
  std::string_view header(std::string_view name) const;
  std::string_view path() const;
  std::string_view query() const;  // without '?'
};

struct HttpReply {
  int status = 200;
  HttpHeaders headers;
  std::string body;
};

HttpReply json_reply(int status, const boost::json::object& body);

// Answers one request, at any time later, in the loop's thread; nothing where the peer has gone.
using HttpRespond = std::function<void(HttpReply)>;
using HttpHandler = std::function<void(HttpRequest, HttpRespond)>;
// Asked of a request whose body is not read yet: the answer where it need not be.
using HttpAdmit = std::function<std::optional<HttpReply>(const HttpRequest& head)>;

// ASCII letters in either case are equal.
bool same_ignoring_case(std::string_view a, std::string_view b);
// "%3A" becomes ":"; what is no escape stays.
std::string percent_decode(std::string_view text);

struct HttpServerOptions {
  std::string listen = "127.0.0.1:0";  // a numeric address; port 0: a free one
  std::size_t body_limit = 16 << 20;   // bytes
  Time read_timeout = kForever;        // for the next request to come whole
  bool own_user_only = false;          // processes of other users are hung up on
  // More: whoever waits longest for a request to come is hung up on, or nobody is let in.
  std::size_t most_connections = 1024;
  std::size_t most_bytes = 64 << 20;  // of bodies on their way at once; more is answered by 503
};

// Listens from construction to destruction, which closes every connection. All of it runs in the
// loop's thread. Throws Error naming the address where it cannot listen.
class HttpServer {
 public:
  HttpServer(boost::asio::io_context& io, const HttpServerOptions& options, HttpHandler handler,
             HttpAdmit admit = nullptr);
  ~HttpServer();
  std::uint16_t port() const;
  std::string address() const;  // "127.0.0.1:PORT"

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// Sends one POST to 127.0.0.1:port. The answer, or status 0 where there was none. Never inline.
void http_post(boost::asio::io_context& io, std::uint16_t port, const std::string& target,
               std::string body, std::function<void(HttpReply)> answered);

}  // namespace laggard::local
