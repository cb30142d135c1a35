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

constexpr Time kLinger = std::chrono::seconds(5);

// What all connections of a server share.
struct Shared {
  HttpServerOptions options;
  HttpHandler handler;
  HttpAdmit admit;
  std::size_t bytes = 0;     // of bodies on their way
  std::uint64_t events = 0;  // so far, to tell who waits longest
};

// One connection: requests one after the other, each read only when the one before is answered.
class Session : public std::enable_shared_from_this<Session> {
 public:
  using Over = std::function<void(const std::shared_ptr<Session>&)>;

  Session(tcp::socket socket, std::shared_ptr<Shared> shared, Over over)
      : stream_(std::move(socket)), shared_(std::move(shared)), over_(std::move(over)) {}
  ~Session() { release(); }

  void read() {
    parser_.emplace();
    parser_->body_limit(shared_->options.body_limit);
    waits_since_ = ++shared_->events;
    if (shared_->options.read_timeout == kForever) {
      stream_.expires_never();
    } else {
      stream_.expires_after(shared_->options.read_timeout);
    }
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](Failure failure, std::size_t) { self->on_header(failure); });
  }

  // Since which event a request of the peer has been awaited; nothing: one is to be answered.
  std::optional<std::uint64_t> waits_since() const { return waits_since_; }

  // Nothing is told to the handler any more, and nothing is sent.
  void close() {
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
      if (failure) return self->end();
      if (!self->keep_alive_) return self->linger();
      self->read();
    });
  }

 private:
  void on_header(Failure failure) {
    if (!over_) return;
    if (failure == http::error::body_limit) return hand_over(true);
    if (failure) return end();
    if (shared_->admit) {
      if (auto refusal = shared_->admit(head())) return refuse(std::move(*refusal));
    }
    const std::size_t size = parser_->content_length().value_or(shared_->options.body_limit);
    const bool has_body = !parser_->is_done();
    if (has_body && shared_->bytes + size > shared_->options.most_bytes)
      return refuse({503, {{"Retry-After", "1"}}, ""});
    held_ = has_body ? size : 0;
    shared_->bytes += held_;
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
                       self->release();
                       if (failure == http::error::body_limit) return self->hand_over(true);
                       if (failure) return self->end();
                       self->hand_over(false);
                     });
  }

  HttpRequest head() const {
    const auto& message = parser_->get();
    HttpRequest request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    for (const auto& field : message) {
      request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    return request;
  }

  void hand_over(bool too_large) {
    if (!over_) return;
    HttpRequest request = head();
    request.body = std::move(parser_->get().body());
    request.too_large = too_large;
    keep_alive_ = parser_->get().keep_alive() && !too_large;
    waiting_ = true;
    waits_since_.reset();
    stream_.expires_never();
    shared_->handler(std::move(request), [weak = weak_from_this()](HttpReply reply) {
      if (const auto self = weak.lock()) self->respond(std::move(reply));
    });
  }

  // The body stays unread.
  void refuse(HttpReply reply) {
    keep_alive_ = parser_->get().keep_alive() && parser_->is_done();
    waiting_ = true;
    respond(std::move(reply));
  }

  // Whoever is still sending would not see the answer if the connection were closed at once.
  void linger() {
    Failure gone;
    stream_.socket().shutdown(tcp::socket::shutdown_send, gone);
    if (gone) return end();
    stream_.expires_after(kLinger);
    waits_since_ = 0;  // nothing is lost with it
    discard();
  }

  void discard() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(std::size_t{1} << 14),
                            [self = shared_from_this()](Failure failure, std::size_t) {
                              if (failure) return self->end();
                              self->discard();
                            });
  }

  void release() { shared_->bytes -= std::exchange(held_, 0); }

  void end() {
    release();
    stream_.close();
    if (const Over over = std::exchange(over_, nullptr)) over(shared_from_this());
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> reply_;
  std::optional<http::response<http::empty_body>> continue_;
  std::shared_ptr<Shared> shared_;
  Over over_;
  std::optional<std::uint64_t> waits_since_;
  std::size_t held_ = 0;  // of shared_->bytes
  bool keep_alive_ = false, waiting_ = false;
};

}  // namespace

struct HttpServer::State : std::enable_shared_from_this<HttpServer::State> {
  State(asio::io_context& io, Shared shared_given)
      : acceptor(io), shared(std::make_shared<Shared>(std::move(shared_given))), again(io) {}

  void accept() {
    if (sessions.size() >= shared->options.most_connections && !make_room()) return accept_later();
    acceptor.async_accept([weak = weak_from_this()](Failure failure, tcp::socket socket) {
      const auto self = weak.lock();
      if (!self || !self->acceptor.is_open()) return;
      // Too many open files, say: others may be closed soon.
      if (failure) return self->accept_later();
      if (self->shared->options.own_user_only && !is_this_users(socket)) return self->accept();
      socket.set_option(tcp::no_delay(true), failure);
      const auto session = std::make_shared<Session>(std::move(socket), self->shared,
                                                     [weak](const std::shared_ptr<Session>& over) {
                                                       if (const auto state = weak.lock())
                                                         state->sessions.erase(over);
                                                     });
      self->sessions.insert(session);
      session->read();
      self->accept();
    });
  }

  void accept_later() {
    again.set(std::chrono::milliseconds(100), [this] { accept(); });
  }

  // False: all of them are to be answered.
  bool make_room() {
    auto longest = sessions.end();
    for (auto each = sessions.begin(); each != sessions.end(); ++each) {
      if (!(*each)->waits_since()) continue;
      if (longest == sessions.end() || (*each)->waits_since() < (*longest)->waits_since())
        longest = each;
    }
    if (longest == sessions.end()) return false;
    (*longest)->close();
    sessions.erase(longest);
    return true;
  }

  tcp::acceptor acceptor;
  std::shared_ptr<Shared> shared;
  Alarm again;
  std::set<std::shared_ptr<Session>> sessions;
};

HttpServer::HttpServer(asio::io_context& io, const HttpServerOptions& options, HttpHandler handler,
                       HttpAdmit admit)
    : state_(std::make_shared<State>(io, Shared{options, std::move(handler), std::move(admit)})) {
  if (options.own_user_only) prepare_peer_user();
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

std::string HttpServer::address() const {
  return laggard::to_text(state_->acceptor.local_endpoint());
}

}  // namespace laggard::local
