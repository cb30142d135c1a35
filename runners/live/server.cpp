#include "runners/live/server.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <set>
#include <thread>
#include <utility>

namespace laggard::live {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using Failure = beast::error_code;
using Text = std::shared_ptr<const std::string>;

constexpr auto kInterval = std::chrono::milliseconds(500);
constexpr auto kSilence = std::chrono::seconds(10);   // of an event stream, at most
constexpr auto kPatience = std::chrono::seconds(10);  // with a client, for a request or an answer
constexpr auto kFarewell = std::chrono::seconds(1);
constexpr std::size_t kMostHeader = 8192;

// No other page may embed this one, be told what it holds, or have it do anything.
constexpr std::string_view kGuards =
    "Cache-Control: no-store\r\n"
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; script-src "
    "'unsafe-inline'; img-src data:; font-src data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Connection: close\r\n";

std::string head(std::string_view status, std::string_view type, std::string_view more = "") {
  return fmt::format("HTTP/1.1 {}\r\nContent-Type: {}\r\n{}{}\r\n", status, type, kGuards, more);
}

std::string reply(std::string_view status, std::string_view type, std::string_view body,
                  std::string_view more = "") {
  return head(status, type, fmt::format("Content-Length: {}\r\n{}", body.size(), more)) +
         std::string(body);
}

class Session;

// What all clients share. Of the server's thread alone, but for `watching`.
struct Shared {
  std::function<void()> when_left;  // the last client has gone
  std::string page;                 // the whole reply
  std::array<std::string, 2> hosts;
  std::set<std::shared_ptr<Session>> sessions;
  Text newest;           // the newest event
  bool is_last = false;  // there will be no other
  std::atomic<int> watching{0};
};

// Whether the request comes from this machine's own page or from no page at all. A name that
// resolves to 127.0.0.1 is not ours: a page of that name could read the answers.
bool is_admitted(const http::request<http::empty_body>& request, const Shared& shared) {
  const auto is_ours = [&](std::string_view host) {
    return host == shared.hosts[0] || host == shared.hosts[1];
  };
  const auto value = [&](std::string_view name) { return std::string_view(request[name]); };
  if (request.count("Host") != 1 || !is_ours(value("Host"))) return false;
  constexpr std::string_view kScheme = "http://";
  if (request.count("Origin") > 0) {
    const std::string_view origin = value("Origin");
    if (!origin.starts_with(kScheme) || !is_ours(origin.substr(kScheme.size()))) return false;
  }
  // A link may lead here; an image or a script of another page may not.
  const std::string_view site = value("Sec-Fetch-Site");
  return site.empty() || site == "none" || site == "same-origin" ||
         value("Sec-Fetch-Mode") == "navigate";
}

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, Shared& shared) : stream_(std::move(socket)), shared_(shared) {
    parser_.header_limit(kMostHeader);
    parser_.body_limit(0);
  }
  ~Session() { stop_watching(); }

  void read() {
    stream_.expires_after(kPatience);
    http::async_read_header(
        stream_, buffer_, parser_,
        [self = shared_from_this()](Failure failure, std::size_t) { self->on_request(failure); });
  }

  // The newest event, unless an earlier one is still on its way: then it follows that.
  void send_newest() {
    if (!watches_ || writing_ || sent_ == shared_.newest) return;
    sent_ = shared_.newest;
    write(sent_);
  }
  // Something that says nothing, so that a connection that is gone is noticed.
  void send_nothing() {
    static const Text kNothing = std::make_shared<const std::string>(":\n\n");
    if (watches_ && !writing_) write(kNothing);
  }
  bool watches() const { return watches_; }

  void end() {
    stop_watching();
    Failure ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.close();
    if (shared_.sessions.erase(shared_from_this()) > 0 && shared_.sessions.empty())
      shared_.when_left();
  }

 private:
  void on_request(Failure failure) {
    if (failure) return end();
    const auto& request = parser_.get();
    const std::string target(request.target());
    const std::string path = target.substr(0, target.find('?'));
    if (!is_admitted(request, shared_))
      return answer(reply("403 Forbidden", "text/plain",
                          fmt::format("this is answered at http://{}/ only\n", shared_.hosts[0])));
    if (request.method() != http::verb::get)
      return answer(reply("405 Method Not Allowed", "text/plain", "only GET\n", "Allow: GET\r\n"));
    if (path == "/") return answer(shared_.page);
    if (path == "/events") return watch();
    answer(reply("404 Not Found", "text/plain", "there are / and /events\n"));
  }

  void answer(std::string text) {
    ends_ = true;
    write(std::make_shared<const std::string>(std::move(text)));
  }

  void watch() {
    watches_ = true;
    ++shared_.watching;
    write(std::make_shared<const std::string>(head("200 OK", "text/event-stream")));
    listen();
  }

  // A client that hangs up is noticed at once; one that goes on talking has no reason to.
  void listen() {
    stream_.socket().async_read_some(
        asio::buffer(ignored_), [self = shared_from_this()](Failure, std::size_t) { self->end(); });
  }

  void write(Text text) {
    writing_ = true;
    stream_.expires_after(kPatience);
    const asio::const_buffer bytes = asio::buffer(*text);
    asio::async_write(stream_, bytes,
                      [self = shared_from_this(), text = std::move(text)](
                          Failure failure, std::size_t) { self->on_written(failure); });
  }

  void on_written(Failure failure) {
    writing_ = false;
    if (failure) return end();
    if (ends_) return linger();
    stream_.expires_never();
    if (shared_.is_last && sent_ == shared_.newest) return end();
    // The first event comes at once, the others in their turn.
    if (!sent_ || shared_.is_last) send_newest();
  }

  // Whoever is still sending would not see the answer if the connection were closed at once.
  void linger() {
    Failure gone;
    stream_.socket().shutdown(tcp::socket::shutdown_send, gone);
    if (gone) return end();
    stream_.expires_after(kPatience);
    discard();
  }
  void discard() {
    stream_.async_read_some(asio::buffer(ignored_),
                            [self = shared_from_this()](Failure failure, std::size_t) {
                              if (failure) return self->end();
                              self->discard();
                            });
  }

  void stop_watching() {
    if (std::exchange(watches_, false)) --shared_.watching;
  }

  beast::tcp_stream stream_;
  Shared& shared_;
  beast::flat_buffer buffer_{kMostHeader};
  http::request_parser<http::empty_body> parser_;
  std::array<char, 64> ignored_{};
  Text sent_;  // the last event
  bool watches_ = false, writing_ = false, ends_ = false;
};

}  // namespace

class Server::Loop {
 public:
  Loop(int port, std::string_view page, Document document)
      : document_(std::move(document)), acceptor_(io_), timer_(io_) {
    listen(port);
    const int bound = acceptor_.local_endpoint().port();
    shared_.hosts = {fmt::format("127.0.0.1:{}", bound), fmt::format("localhost:{}", bound)};
    shared_.when_left = [] {};
    shared_.page = reply("200 OK", "text/html; charset=utf-8", page);
    accept();
    tick();
    thread_ = std::thread([this] { io_.run(); });
  }

  ~Loop() {
    asio::post(io_, [this] { say_farewell(); });
    thread_.join();
    shared_.when_left = [] {};
    const auto sessions = shared_.sessions;
    for (const auto& session : sessions) session->end();
  }

  const std::string& host() const { return shared_.hosts[0]; }
  int port() const { return acceptor_port_; }
  bool is_watched() const { return shared_.watching > 0; }

 private:
  void listen(int port) {
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(),
                                 static_cast<asio::ip::port_type>(port));
    Failure failure;
    acceptor_.open(endpoint.protocol(), failure);
    if (!failure) acceptor_.set_option(tcp::acceptor::reuse_address(true), failure);
    if (!failure) acceptor_.bind(endpoint, failure);
    if (!failure) acceptor_.listen(static_cast<int>(kMostClients), failure);
    if (failure)
      throw Error(
          fmt::format("--serve: cannot listen on 127.0.0.1:{}: {}; expected a port that is "
                      "free, or none, for any",
                      port, failure.message()));
    acceptor_port_ = acceptor_.local_endpoint().port();
  }

  void accept() {
    acceptor_.async_accept([this](Failure failure, tcp::socket socket) {
      if (!acceptor_.is_open()) return;
      if (failure) return accept_later();
      if (shared_.sessions.size() < kMostClients) {
        socket.set_option(tcp::no_delay(true), failure);
        const auto session = std::make_shared<Session>(std::move(socket), shared_);
        shared_.sessions.insert(session);
        session->read();
      }
      accept();
    });
  }

  // Too many open files, say: others may be closed soon. The next tick tries again.
  void accept_later() { accepts_ = false; }

  void tick() {
    if (shared_.is_last) return;
    if (!std::exchange(accepts_, true)) accept();
    if (is_watched()) send();
    timer_.expires_after(kInterval);
    timer_.async_wait([this](Failure failure) {
      if (!failure) tick();
    });
  }

  void send() {
    const auto now = std::chrono::steady_clock::now();
    std::string event = fmt::format("data: {}\n\n", document_());
    if (!shared_.newest || event != *shared_.newest) {
      shared_.newest = std::make_shared<const std::string>(std::move(event));
      changed_ = now;
    }
    const bool is_silent = now - changed_ > kSilence;
    if (is_silent) changed_ = now;
    const auto sessions = shared_.sessions;  // who fails is taken out
    for (const auto& session : sessions) {
      session->send_newest();
      if (is_silent) session->send_nothing();
    }
  }

  void say_farewell() {
    Failure ignored;
    acceptor_.close(ignored);
    shared_.is_last = true;
    timer_.cancel();
    const auto sessions = shared_.sessions;
    for (const auto& session : sessions)
      if (!session->watches()) session->end();
    if (shared_.sessions.empty()) return io_.stop();
    shared_.when_left = [this] { io_.stop(); };
    shared_.newest = std::make_shared<const std::string>(fmt::format("data: {}\n\n", document_()));
    for (const auto& session : sessions) session->send_newest();
    timer_.expires_after(kFarewell);
    timer_.async_wait([this](Failure) { io_.stop(); });
  }

  Document document_;
  Shared shared_;  // before the loop, whose handlers hold sessions
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  asio::steady_timer timer_;
  std::chrono::steady_clock::time_point changed_{};
  bool accepts_ = true;
  int acceptor_port_ = 0;
  std::thread thread_;
};

Server::Server(int port, std::string_view page, Document document)
    : loop_(std::make_unique<Loop>(port, page, std::move(document))) {}

Server::~Server() = default;

int Server::port() const { return loop_->port(); }

std::string Server::url() const { return fmt::format("http://{}/", loop_->host()); }

bool Server::is_watched() const { return loop_->is_watched(); }

}  // namespace laggard::live
