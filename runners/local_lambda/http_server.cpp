#include "core/io/error.hpp"
#include "runners/channels/tls/address.hpp"
#include "runners/local_lambda/alarm.hpp"
#include "runners/local_lambda/http.hpp"
#include "runners/local_lambda/listener.hpp"
#include "runners/local_lambda/peer_user.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <ctime>
#include <optional>
#include <set>

namespace laggard::local {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using Failure = beast::error_code;

// One connection: requests one after the other, each read only when the one before is answered.
class Session : public std::enable_shared_from_this<Session> {
 public:
  using Over = std::function<void(const std::shared_ptr<Session>&)>;

  Session(tcp::socket socket, const HttpServerOptions& options, HttpHandler handler, Over over)
      : stream_(std::move(socket)),
        options_(options),
        handler_(std::move(handler)),
        over_(std::move(over)) {}

  void read() {
    parser_.emplace();
    parser_->body_limit(options_.body_limit);
    if (options_.read_timeout == kForever) {
      stream_.expires_never();
    } else {
      stream_.expires_after(options_.read_timeout);
    }
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](Failure failure, std::size_t) { self->on_header(failure); });
  }

  // Nothing is told to the handler any more, and nothing is sent.
  void close() {
    handler_ = nullptr;
    over_ = nullptr;
    stream_.close();
  }

  void respond(HttpReply reply) {
    if (!std::exchange(waiting_, false)) return;
    reply_.emplace();
    reply_->version(11);
    reply_->result(static_cast<unsigned>(reply.status));
    reply_->set(http::field::date,
                fmt::format("{:%a, %d %b %Y %H:%M:%S GMT}", fmt::gmtime(std::time(nullptr))));
    for (const auto& [name, value] : reply.headers) reply_->insert(name, value);
    reply_->body() = std::move(reply.body);
    reply_->keep_alive(keep_alive_);
    if (reply.status != 204) reply_->prepare_payload();
    stream_.expires_never();
    http::async_write(stream_, *reply_, [self = shared_from_this()](Failure failure, std::size_t) {
      if (failure || !self->keep_alive_) return self->end();
      self->read();
    });
  }

 private:
  void on_header(Failure failure) {
    if (failure == http::error::body_limit) return hand_over(true);
    if (failure) return end();
    if (!beast::iequals(parser_->get()[http::field::expect], "100-continue")) return read_body();
    // Otherwise libcurl waits a second before it sends a large payload.
    continue_.emplace(http::status::continue_, 11);
    http::async_write(stream_, *continue_, [self = shared_from_this()](Failure error, std::size_t) {
      if (error) return self->end();
      self->read_body();
    });
  }

  void read_body() {
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](Failure failure, std::size_t) {
                       if (failure == http::error::body_limit) return self->hand_over(true);
                       if (failure) return self->end();
                       self->hand_over(false);
                     });
  }

  void hand_over(bool too_large) {
    if (!handler_) return;
    auto& message = parser_->get();
    HttpRequest request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    for (const auto& field : message) {
      request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    request.body = std::move(message.body());
    request.too_large = too_large;
    keep_alive_ = message.keep_alive() && !too_large;
    waiting_ = true;
    stream_.expires_never();
    const HttpHandler handler = handler_;  // it may close this session
    handler(std::move(request), [weak = weak_from_this()](HttpReply reply) {
      if (const auto self = weak.lock()) self->respond(std::move(reply));
    });
  }

  void end() {
    stream_.close();
    if (const Over over = std::exchange(over_, nullptr)) over(shared_from_this());
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> reply_;
  std::optional<http::response<http::empty_body>> continue_;
  HttpServerOptions options_;
  HttpHandler handler_;
  Over over_;
  bool keep_alive_ = false, waiting_ = false;
};

}  // namespace

struct HttpServer::State : std::enable_shared_from_this<HttpServer::State> {
  State(asio::io_context& io, const HttpServerOptions& options_given, HttpHandler handler_given)
      : acceptor(io), options(options_given), handler(std::move(handler_given)), again(io) {}

  void accept() {
    acceptor.async_accept([weak = weak_from_this()](Failure failure, tcp::socket socket) {
      const auto self = weak.lock();
      if (!self || !self->acceptor.is_open()) return;
      if (failure) {  // too many open files, say: others may be closed soon
        self->again.set(std::chrono::milliseconds(100), [self = self.get()] { self->accept(); });
        return;
      }
      if (self->options.own_user_only && !is_this_users(socket)) return self->accept();
      socket.set_option(tcp::no_delay(true), failure);
      const auto session =
          std::make_shared<Session>(std::move(socket), self->options, self->handler,
                                    [weak](const std::shared_ptr<Session>& over) {
                                      if (const auto state = weak.lock())
                                        state->sessions.erase(over);
                                    });
      self->sessions.insert(session);
      session->read();
      self->accept();
    });
  }

  tcp::acceptor acceptor;
  HttpServerOptions options;
  HttpHandler handler;
  Alarm again;
  std::set<std::shared_ptr<Session>> sessions;
};

HttpServer::HttpServer(asio::io_context& io, const HttpServerOptions& options, HttpHandler handler)
    : state_(std::make_shared<State>(io, options, std::move(handler))) {
  open_listener(state_->acceptor, options.listen);
  state_->accept();
}

HttpServer::~HttpServer() {
  Failure ignored;
  state_->acceptor.close(ignored);
  for (const auto& session : state_->sessions) session->close();
  state_->sessions.clear();
}

std::uint16_t HttpServer::port() const { return state_->acceptor.local_endpoint().port(); }

std::string HttpServer::address() const { return to_text(state_->acceptor.local_endpoint()); }

}  // namespace laggard::local
