#include "runners/channels/tls/connection.hpp"

#include "core/io/error.hpp"
#include "core/wire/proof.hpp"
#include "runners/channels/tls/address.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <netinet/tcp.h>

#include <array>
#include <deque>
#include <optional>
#include <utility>

namespace laggard {
namespace {

using asio::ip::tcp;
using boost::system::error_code;
using TlsStream = asio::ssl::stream<tcp::socket&>;

constexpr std::string_view kChannelLabel = "EXPORTER-laggard-hello";
constexpr std::size_t kSpareBuffers = 4;
constexpr auto kShutDownLimit = std::chrono::seconds(1);
// How long what was sent may go without an acknowledgement, or without room at the peer: longer
// than a coordinator is ever busy with something else.
constexpr unsigned kVanishedAfterMs = 30'000;

// Shards are sent once, and are larger than all that follows.
bool is_shard(const Bytes& frame) {
  return frame.size() >= kFrameHeaderBytes && kind_of(frame) == MessageKind::shard;
}

}  // namespace

struct Connection::Impl {
  Impl(tcp::socket taken, std::shared_ptr<asio::ssl::context> secured)
      : socket(std::move(taken)), context(std::move(secured)), changed(socket.get_executor()) {
    if (context) tls.emplace(socket, *context);
    changed.expires_at(asio::steady_timer::time_point::max());
  }

  tcp::socket socket;
  std::shared_ptr<asio::ssl::context> context;
  std::optional<TlsStream> tls;
  std::string peer = "a peer that is not connected";
  std::deque<Bytes> queue;  // the first is being written
  std::size_t queued = 0;   // bytes
  std::vector<Bytes> spare;
  std::chrono::steady_clock::time_point heard = std::chrono::steady_clock::now();
  asio::steady_timer changed;  // cancelled when the queue is empty, a read ends, or it is closed
  bool connected = false;      // the handshake is done
  bool writing = false;
  bool reading = false;
  bool leaving = false;  // no more is sent
  bool closed = false;

  void close() {
    if (std::exchange(closed, true)) return;
    error_code ignored;  // it is closed afterwards, whatever it says
    socket.close(ignored);
    changed.cancel();
    if (!writing) drop_queue();
  }

  void drop_queue() {
    queue.clear();
    queued = 0;
  }

  // After the handshake, or the start on plain TCP.
  void begin() {
    connected = true;
    error_code error;
    const tcp::endpoint end = socket.remote_endpoint(error);
    peer = to_text(end);
    socket.set_option(tcp::no_delay(true), error);
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &kVanishedAfterMs,
                 sizeof kVanishedAfterMs);
  }

  [[noreturn]] void fail(error_code error) const {
    throw boost::system::system_error(closed ? asio::error::operation_aborted : error);
  }

  static asio::awaitable<void> shake_hands(std::shared_ptr<Impl> self, bool server);
  static asio::awaitable<void> connect(std::shared_ptr<Impl> self, tcp::endpoint end);
  static asio::awaitable<error_code> fill(std::shared_ptr<Impl> self, std::span<std::byte> out);
  static asio::awaitable<void> read(std::shared_ptr<Impl> self, Frame& frame, MostBytes most_bytes,
                                    const void* most_context);
  static asio::awaitable<void> read_frame(std::shared_ptr<Impl> self, Frame& frame,
                                          MostBytes most_bytes, const void* most_context);
  static asio::awaitable<void> wait_for_change(std::shared_ptr<Impl> self);
  static asio::awaitable<void> shut_down(std::shared_ptr<Impl> self);
  static void write_next(std::shared_ptr<Impl> self);
  void written(error_code error);
};

asio::awaitable<void> Connection::Impl::shake_hands(std::shared_ptr<Impl> self, bool server) {
  error_code error;
  self->begin();
  if (self->tls) {
    self->connected = false;
    const auto role = server ? asio::ssl::stream_base::server : asio::ssl::stream_base::client;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await self->tls->async_handshake(role, token);
    if (error || self->closed) self->fail(error);
    self->connected = true;
  }
  write_next(self);
}

asio::awaitable<void> Connection::Impl::connect(std::shared_ptr<Impl> self, tcp::endpoint end) {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  co_await self->socket.async_connect(end, token);
  if (error || self->closed) self->fail(error);
  co_await shake_hands(self, false);
}

asio::awaitable<error_code> Connection::Impl::fill(std::shared_ptr<Impl> self,
                                                   std::span<std::byte> out) {
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  const asio::mutable_buffer buffer(out.data(), out.size());
  const auto note = [&heard = self->heard](error_code failed, std::size_t got) {
    heard = std::chrono::steady_clock::now();
    return asio::transfer_all()(failed, got);
  };
  if (self->tls)
    co_await asio::async_read(*self->tls, buffer, note, token);
  else
    co_await asio::async_read(self->socket, buffer, note, token);
  co_return error;
}

asio::awaitable<void> Connection::Impl::read_frame(std::shared_ptr<Impl> self, Frame& frame,
                                                   MostBytes most_bytes, const void* most_context) {
  std::array<std::byte, kFrameHeaderBytes> header;
  const std::span<std::byte> header_span(header);
  error_code error = co_await fill(self, header_span);
  if (error || self->closed) self->fail(error);
  frame.header = decode_header(header, ~std::uint64_t{0});
  if (frame.header.payload_bytes > 0) {
    decode_header(header, most_bytes(frame.header.kind, most_context));
    frame.payload.resize(frame.header.payload_bytes);
    const std::span<std::byte> payload(frame.payload);
    error = co_await fill(self, payload);
    if (error || self->closed) self->fail(error);
  } else {
    frame.payload.clear();
  }
  check_payload(header, frame.payload);
}

asio::awaitable<void> Connection::Impl::read(std::shared_ptr<Impl> self, Frame& frame,
                                             MostBytes most_bytes, const void* most_context) {
  LAGGARD_ASSERT(!self->reading, "two reads of one connection at a time");
  if (self->closed) self->fail(asio::error::operation_aborted);
  // Also when the coroutine is destroyed while it waits.
  struct Reading {
    explicit Reading(Impl& owner) : impl(owner) { impl.reading = true; }
    ~Reading() {
      impl.reading = false;
      impl.changed.cancel();
    }
    Impl& impl;
  } reading(*self);
  co_await read_frame(self, frame, most_bytes, most_context);
}

void Connection::Impl::write_next(std::shared_ptr<Impl> self) {
  if (self->writing || self->queue.empty() || !self->connected || self->closed) return;
  self->writing = true;
  const Bytes& frame = self->queue.front();
  const asio::const_buffer buffer(frame.data(), frame.size());
  const auto done = [self](error_code error, std::size_t) {
    self->written(error);
    write_next(self);
  };
  if (self->tls)
    asio::async_write(*self->tls, buffer, done);
  else
    asio::async_write(self->socket, buffer, done);
}

void Connection::Impl::written(error_code error) {
  writing = false;
  queued -= queue.front().size();
  if (spare.size() < kSpareBuffers && !is_shard(queue.front()))
    spare.push_back(std::move(queue.front()));
  queue.pop_front();
  if (error) close();  // the reader hears of it
  if (closed) drop_queue();
  if (queue.empty()) changed.cancel();
}

asio::awaitable<void> Connection::Impl::wait_for_change(std::shared_ptr<Impl> self) {
  error_code woken;
  auto token = asio::redirect_error(asio::use_awaitable, woken);
  co_await self->changed.async_wait(token);
}

// No TLS close_notify: frames say themselves where they end, and its exchange would get into the
// way of a read. To close with unread bytes resets the connection, which can take the last frames
// from the peer; hence the wait for the peer's end.
asio::awaitable<void> Connection::Impl::shut_down(std::shared_ptr<Impl> self) {
  asio::steady_timer limit(self->socket.get_executor(), kShutDownLimit);
  limit.async_wait([self](error_code error) {
    if (!error) self->close();
  });
  self->leaving = true;
  while (!self->queue.empty() && !self->closed) co_await wait_for_change(self);
  error_code error;
  if (!self->closed) self->socket.shutdown(tcp::socket::shutdown_send, error);
  Bytes unread(4096);
  auto token = asio::redirect_error(asio::use_awaitable, error);
  while (!self->closed && !error) {
    if (self->reading) {
      co_await wait_for_change(self);
      continue;
    }
    const auto buffer = asio::buffer(unread);
    co_await self->socket.async_read_some(buffer, token);
  }
  self->close();
}

Connection::Connection(tcp::socket socket, std::shared_ptr<asio::ssl::context> context)
    : impl_(std::make_shared<Impl>(std::move(socket), std::move(context))) {}

Connection::~Connection() { impl_->close(); }

asio::awaitable<void> Connection::accept() { return Impl::shake_hands(impl_, true); }

asio::awaitable<void> Connection::connect(tcp::endpoint peer) { return Impl::connect(impl_, peer); }

Bytes Connection::channel() const {
  if (!impl_->tls) return {};
  Bytes out(kChannelBytes);
  const int done = SSL_export_keying_material(
      impl_->tls->native_handle(), reinterpret_cast<unsigned char*>(out.data()), out.size(),
      kChannelLabel.data(), kChannelLabel.size(), nullptr, 0, 0);
  LAGGARD_ASSERT(done == 1, "no channel value before the handshake is done");
  return out;
}

asio::awaitable<void> Connection::read(Frame& frame, MostBytes most_bytes, const void* context) {
  return Impl::read(impl_, frame, most_bytes, context);
}

void Connection::send(Bytes frame) {
  if (impl_->closed || impl_->leaving || frame.empty()) return;
  impl_->queued += frame.size();
  impl_->queue.push_back(std::move(frame));
  Impl::write_next(impl_);
}

asio::awaitable<void> Connection::shut_down() { return Impl::shut_down(impl_); }

void Connection::close() { impl_->close(); }

std::size_t Connection::queued_bytes() const { return impl_->queued; }

std::string Connection::peer() const { return impl_->peer; }

std::chrono::steady_clock::time_point Connection::heard() const { return impl_->heard; }

asio::any_io_executor Connection::executor() { return impl_->socket.get_executor(); }

Bytes Connection::buffer() {
  if (impl_->spare.empty()) return {};
  Bytes out = std::move(impl_->spare.back());
  impl_->spare.pop_back();
  out.clear();
  return out;
}

}  // namespace laggard
