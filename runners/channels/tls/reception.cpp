#include "runners/channels/tls/reception.hpp"

#include "core/io/error.hpp"
#include "runners/channels/open_files.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <deque>

namespace laggard {
namespace {

using asio::ip::tcp;

// From the first byte to a whole HELLO; a worker needs two round trips.
constexpr auto kHelloTimeout = std::chrono::seconds(5);
// Connections that have not said who they are yet, or are being refused: at most.
std::size_t most_strangers() {
  return static_cast<std::size_t>(std::clamp(most_open_files() / 8, 16, 1024));
}
constexpr auto kPauseWithoutDescriptors = std::chrono::milliseconds(100);

std::uint64_t hello_alone(MessageKind kind, const void*) {
  return kind == MessageKind::hello ? kSmallPayloadBytes : 0;
}

}  // namespace

// Shared with the coroutines, which end when the acceptor is closed.
struct Reception::State : std::enable_shared_from_this<State> {
  State(asio::io_context& loop, std::shared_ptr<asio::ssl::context> context, Arrived on_arrival)
      : acceptor(loop), tls(std::move(context)), arrived(std::move(on_arrival)) {}

  tcp::acceptor acceptor;
  std::shared_ptr<asio::ssl::context> tls;
  Arrived arrived;
  Refusals refused;
  std::deque<std::shared_ptr<Connection>> strangers;  // the oldest first
  const std::size_t most = most_strangers();
};

namespace {

// Ends the connection unless the returned timer is cancelled first.
std::shared_ptr<asio::steady_timer> close_after(const std::shared_ptr<Connection>& connection,
                                                std::shared_ptr<bool> expired) {
  auto timer = std::make_shared<asio::steady_timer>(connection->executor(), kHelloTimeout);
  timer->async_wait([connection, expired, timer](boost::system::error_code error) {
    if (error) return;
    *expired = true;
    connection->close();
  });
  return timer;
}

template <class State>
asio::awaitable<void> meet(std::shared_ptr<State> state, std::shared_ptr<Connection> connection) {
  const auto expired = std::make_shared<bool>(false);
  const auto timer = close_after(connection, expired);
  std::string trouble = "handshake failed";
  Frame frame;
  Hello hello;
  bool good = false;
  try {
    co_await connection->accept();
    trouble = "no hello";
    co_await connection->read(frame, &hello_alone, nullptr);
    decode(frame.payload, hello);
    good = true;
  } catch (const WireError&) {
    trouble = "malformed hello";
  } catch (const boost::system::system_error&) {
    // The connection ended; `trouble` says how far it came.
  }
  timer->cancel();
  std::erase(state->strangers, connection);
  if (good) {
    state->arrived(std::move(connection), hello);
  } else {
    ++state->refused[*expired ? "too slow with its hello" : trouble];
    connection->close();
  }
}

void ignore_end(const std::exception_ptr& error) {
  if (error) std::rethrow_exception(error);
}

template <class State>
asio::awaitable<void> accept_all(std::shared_ptr<State> state) {
  while (state->acceptor.is_open()) {
    boost::system::error_code error;
    tcp::socket socket =
        co_await state->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (error == asio::error::operation_aborted) co_return;
    if (error) {  // out of descriptors, or the peer is gone already
      asio::steady_timer pause(state->acceptor.get_executor(), kPauseWithoutDescriptors);
      co_await pause.async_wait(asio::use_awaitable);
      continue;
    }
    if (state->strangers.size() >= state->most) {
      // A worker needs two round trips: who has waited longest is the least likely to be one.
      state->strangers.front()->close();
      state->strangers.pop_front();
    }
    auto connection = std::make_shared<Connection>(std::move(socket), state->tls);
    state->strangers.push_back(connection);
    asio::co_spawn(state->acceptor.get_executor(), meet(state, std::move(connection)), ignore_end);
  }
}

}  // namespace

Reception::Reception(asio::io_context& loop, const tcp::endpoint& listen,
                     std::shared_ptr<asio::ssl::context> tls, Arrived arrived)
    : state_(std::make_shared<State>(loop, std::move(tls), std::move(arrived))) {
  try {
    state_->acceptor.open(listen.protocol());
    state_->acceptor.set_option(tcp::acceptor::reuse_address(true));
    state_->acceptor.bind(listen);
    state_->acceptor.listen(asio::socket_base::max_listen_connections);
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::system::errc::too_many_files_open)
      throw FleetError(
          "no file is left to listen on; raise the limit on open files with ulimit -n");
    throw Error(
        fmt::format("--listen: cannot listen on {}:{}: {}; expected an address of this machine "
                    "and a free port (0: any)",
                    listen.address().to_string(), listen.port(), error.code().message()));
  }
  asio::co_spawn(loop, accept_all(state_), ignore_end);
}

Reception::~Reception() { close(); }

tcp::endpoint Reception::local_endpoint() const { return state_->acceptor.local_endpoint(); }

void Reception::count(const std::string& reason) { ++state_->refused[reason]; }

Refusals Reception::refused() const { return state_->refused; }

void Reception::refuse(const std::shared_ptr<Connection>& connection, std::string reason) {
  count(reason);
  Bytes frame = connection->buffer();
  encode(Reject{std::move(reason)}, frame);
  connection->send(std::move(frame));
  state_->strangers.push_back(connection);  // it stays one until it is gone
  asio::co_spawn(connection->executor(), connection->shut_down(),
                 [connection, state = state_](std::exception_ptr) {
                   std::erase(state->strangers, connection);
                 });
}

void Reception::close() {
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
}

}  // namespace laggard
