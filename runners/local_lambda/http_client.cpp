#include "runners/local_lambda/http.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace laggard::local {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using Failure = beast::error_code;

class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(asio::io_context& io, std::function<void(HttpReply)> answered)
      : stream_(io), answered_(std::move(answered)) {}

  void start(std::uint16_t port, const std::string& target, std::string body) {
    request_.method(http::verb::post);
    request_.target(target);
    request_.version(11);
    request_.set(http::field::host, "127.0.0.1");
    request_.body() = std::move(body);
    request_.keep_alive(false);
    request_.prepare_payload();
    const tcp::endpoint there(asio::ip::address_v4::loopback(), port);
    stream_.async_connect(there, [self = shared_from_this()](Failure failure) {
      if (failure) return self->answered_({0, {}, failure.message()});
      self->send();
    });
  }

 private:
  void send() {
    http::async_write(stream_, request_, [self = shared_from_this()](Failure failure, std::size_t) {
      if (failure) return self->answered_({0, {}, failure.message()});
      self->receive();
    });
  }

  void receive() {
    parser_.body_limit(16 << 20);
    http::async_read(
        stream_, buffer_, parser_, [self = shared_from_this()](Failure failure, std::size_t) {
          if (failure) return self->answered_({0, {}, failure.message()});
          auto& reply = self->parser_.get();
          self->answered_({static_cast<int>(reply.result_int()), {}, std::move(reply.body())});
        });
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response_parser<http::string_body> parser_;
  std::function<void(HttpReply)> answered_;
};

}  // namespace

void http_post(asio::io_context& io, std::uint16_t port, const std::string& target,
               std::string body, std::function<void(HttpReply)> answered) {
  std::make_shared<Exchange>(io, std::move(answered))->start(port, target, std::move(body));
}

}  // namespace laggard::local
