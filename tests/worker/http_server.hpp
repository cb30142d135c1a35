// A web server on loopback for tests: a thread a connection, so a handler may wait.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <functional>
#include <memory>

namespace laggard {

using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;
using HttpResponse = boost::beast::http::response<boost::beast::http::string_body>;

HttpResponse http_answer(unsigned status, std::string body = {});

class HttpServer {
 public:
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  // `tls` null: http. Handlers must come back by themselves when the server is to end.
  explicit HttpServer(Handler handler, std::shared_ptr<boost::asio::ssl::context> tls = nullptr);
  ~HttpServer();

  std::uint16_t port() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A certificate authority of its own, in memory, and a server that it vouches for.
struct TestAuthority {
  TestAuthority();
  std::string pem;  // the authority's certificate
  // A context for a server with this DNS name.
  std::shared_ptr<boost::asio::ssl::context> server(const std::string& name) const;

 private:
  std::shared_ptr<void> key_, certificate_;
};

}  // namespace laggard
