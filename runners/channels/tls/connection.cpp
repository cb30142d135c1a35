#include "runners/channels/tls/connection.hpp"

#include "core/io/error.hpp"
#include "core/wire/proof.hpp"
#include "runners/channels/tls/address.hpp"
#include "runners/channels/tls/socket_stream.hpp"

#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <deque>
#include <optional>
#include <utility>

namespace laggard {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

constexpr std::string_view kChannelLabel = "EXPORTER-laggard-hello";
constexpr std::size_t kSpareBuffers = 4;
constexpr int kFramesAtOnce = 16;  // of a peer that sends without a pause; then it is others' turn
constexpr auto kShutDownLimit = std::chrono::seconds(1);
// How long what was sent may go without an acknowledgement, or without room at the peer: longer
// than a coordinator is ever busy with something else.
constexpr unsigned kVanishedAfterMs = 30'000;

// Shards are sent once, and are larger than all that follows.
bool is_shard(const Bytes& frame) {
  return frame.size() >= kFrameHeaderBytes && kind_of(frame) == MessageKind::shard;
}

std::span<std::byte> room_for_tail(Frame& frame, std::size_t bytes) {
  const std::size_t numbers = (bytes + sizeof(double) - 1) / sizeof(double);
  frame.tail.resize(static_cast<Eigen::Index>(numbers));
  return std::as_writable_bytes(std::span(frame.tail.data(), numbers)).first(bytes);
}

struct Outgoing {
  Bytes head;  // the frame, but for its tail
  SharedTail tail;

  ByteSpan end() const { return tail ? tail->bytes() : ByteSpan(); }
  std::size_t size() const { return head.size() + end().size(); }
};

}  // namespace

struct Connection::Impl {
  Impl(tcp::socket taken, std::shared_ptr<asio::ssl::context> secured)
      : socket(std::move(taken)),
        context(std::move(secured)),
        stream(socket, context.get()),
        changed(socket.get_executor()) {
    changed.expires_at(asio::steady_timer::time_point::max());
  }

  tcp::socket socket;
  std::shared_ptr<asio::ssl::context> context;
  SocketStream stream;
  std::string peer = "a peer that is not connected";
  std::deque<Outgoing> queue;  // the first is being written
  std::size_t written = 0;     // bytes of it
  std::size_t queued = 0;      // bytes of all
  std::vector<Bytes> spare;
  // What the last frame with a tail had: the next will be like it, and is then read in one call.
  std::size_t likely_payload = 0, likely_tail = 0;
  Bytes ahead;  // what came where the frame was another
  int frames_at_once = 0;
  std::chrono::steady_clock::time_point heard = std::chrono::steady_clock::now();
  asio::steady_timer changed;  // cancelled when the queue is empty, a read ends, or it is closed
  bool connected = false;      // the handshake is done
  bool full = false;           // the socket takes no more for now, and is waited for
  bool reading = false;
  bool leaving = false;  // no more is sent
  bool closed = false;

  void close() {
    if (std::exchange(closed, true)) return;
    error_code ignored;  // it is closed afterwards, whatever it says
    socket.close(ignored);
    changed.cancel();
    queue.clear();
    queued = 0;
  }

  // On the connected socket.
  void begin(bool server) {
    error_code error;
    const tcp::endpoint end = socket.remote_endpoint(error);
    peer = to_text(end);
    socket.set_option(tcp::no_delay(true), error);
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &kVanishedAfterMs,
                 sizeof kVanishedAfterMs);
    stream.begin(server);
  }

  [[noreturn]] void fail(error_code error) const {
    throw boost::system::system_error(closed ? asio::error::operation_aborted : error);
  }

  static asio::awaitable<void> shake_hands(std::shared_ptr<Impl> self, bool server);
  static asio::awaitable<void> connect(std::shared_ptr<Impl> self, tcp::endpoint end);
  static asio::awaitable<error_code> fill(std::shared_ptr<Impl> self, std::span<std::byte> out);
  static asio::awaitable<std::size_t> read_likely(std::shared_ptr<Impl> self,
                                                  std::span<std::byte> header, Frame& frame);
  bool put_back(const Frame& frame, std::size_t bytes);
  static asio::awaitable<void> read(std::shared_ptr<Impl> self, Frame& frame, MostBytes most_bytes,
                                    const void* most_context);
  static asio::awaitable<void> read_frame(std::shared_ptr<Impl> self, Frame& frame,
                                          MostBytes most_bytes, const void* most_context);
  static asio::awaitable<void> wait_for_change(std::shared_ptr<Impl> self);
  static asio::awaitable<void> shut_down(std::shared_ptr<Impl> self);
  static void write(std::shared_ptr<Impl> self);
  error_code write_queue();
};

asio::awaitable<void> Connection::Impl::shake_hands(std::shared_ptr<Impl> self, bool server) {
  self->begin(server);
  error_code error = asio::error::would_block;
  while (error == asio::error::would_block && !self->closed) {
    error = self->stream.shake_hands();
    const error_code unsent = self->stream.flush();  // what it says of a failure too
    if (error && error != asio::error::would_block) break;
    if (unsent && unsent != asio::error::would_block) error = unsent;
    const auto wanted = unsent ? tcp::socket::wait_write : tcp::socket::wait_read;
    error_code waited;
    auto token = asio::redirect_error(asio::use_awaitable, waited);
    if (unsent == asio::error::would_block || error == asio::error::would_block)
      co_await self->socket.async_wait(wanted, token);
  }
  if (error || self->closed) self->fail(error);
  self->connected = true;
  write(self);
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
  const std::size_t there = std::min(self->ahead.size(), out.size());
  std::copy_n(self->ahead.begin(), there, out.begin());
  self->ahead.erase(self->ahead.begin(), self->ahead.begin() + static_cast<std::ptrdiff_t>(there));
  out = out.subspan(there);
  while (!out.empty() && !self->closed) {
    const Moved moved = self->stream.read(std::span(&out, 1));
    if (moved.blocked()) {
      error_code waited;
      auto token = asio::redirect_error(asio::use_awaitable, waited);
      co_await self->socket.async_wait(tcp::socket::wait_read, token);
      continue;
    }
    if (moved.error) co_return moved.error;
    self->heard = std::chrono::steady_clock::now();
    out = out.subspan(moved.bytes);
  }
  co_return error_code();
}

asio::awaitable<void> Connection::Impl::read_frame(std::shared_ptr<Impl> self, Frame& frame,
                                                   MostBytes most_bytes, const void* most_context) {
  std::array<std::byte, kFrameHeaderBytes> header;
  const std::span<std::byte> header_span(header);
  std::size_t got = 0;
  if (self->likely_tail > 0 && self->ahead.empty())
    got = co_await read_likely(self, header_span, frame);
  const std::span<std::byte> header_rest = header_span.subspan(std::min(got, header.size()));
  got -= header.size() - header_rest.size();
  error_code error = co_await fill(self, header_rest);
  if (error || self->closed) self->fail(error);
  frame.header = decode_header(header, ~std::uint64_t{0});
  if (frame.header.payload_bytes > 0)
    decode_header(header, most_bytes(frame.header.kind, most_context));
  if (got > 0 && self->put_back(frame, got)) got = 0;
  const std::size_t of_tail = frame.header.tail_bytes;
  frame.payload.resize(frame.header.payload_bytes - of_tail);
  const std::span<std::byte> payload(frame.payload);
  const std::span<std::byte> payload_rest = payload.subspan(std::min(got, payload.size()));
  got -= payload.size() - payload_rest.size();
  error = co_await fill(self, payload_rest);
  if (error || self->closed) self->fail(error);
  const std::span<std::byte> tail = room_for_tail(frame, of_tail);
  const std::span<std::byte> tail_rest = tail.subspan(got);
  error = co_await fill(self, tail_rest);
  if (error || self->closed) self->fail(error);
  check_payload(header, payload, tail);
  if (of_tail == 0 || self->stream.tls()) co_return;  // TLS brings a record a call
  self->likely_payload = payload.size();
  self->likely_tail = of_tail;
}

// Into the header, and behind it into `frame` as the last one was; returns how many bytes came.
asio::awaitable<std::size_t> Connection::Impl::read_likely(std::shared_ptr<Impl> self,
                                                           std::span<std::byte> header,
                                                           Frame& frame) {
  frame.payload.resize(self->likely_payload);
  const std::span<std::byte> parts[] = {header, frame.payload,
                                        room_for_tail(frame, self->likely_tail)};
  const std::span<const std::span<std::byte>> all(parts);
  while (!self->closed) {
    error_code waited;  // at once: mostly nothing is there yet
    auto token = asio::redirect_error(asio::use_awaitable, waited);
    co_await self->socket.async_wait(tcp::socket::wait_read, token);
    if (self->closed) break;
    const Moved moved = self->stream.read(all);
    if (moved.blocked()) continue;
    if (moved.error) self->fail(moved.error);
    self->heard = std::chrono::steady_clock::now();
    co_return moved.bytes;
  }
  co_return 0;
}

// Where the frame is another than read_likely() took it for: what came behind its header.
bool Connection::Impl::put_back(const Frame& frame, std::size_t bytes) {
  if (frame.header.payload_bytes == likely_payload + likely_tail &&
      frame.header.tail_bytes == likely_tail)
    return false;
  ahead = frame.payload;
  const ByteSpan tail =
      std::as_bytes(std::span(frame.tail.data(), static_cast<std::size_t>(frame.tail.size())));
  ahead.insert(ahead.end(), tail.begin(), tail.end());
  ahead.resize(bytes);
  return true;
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
  if (++self->frames_at_once == kFramesAtOnce) {
    self->frames_at_once = 0;
    const auto executor = self->socket.get_executor();
    co_await asio::post(executor, asio::use_awaitable);
    if (self->closed) self->fail(asio::error::operation_aborted);
  }
  co_await read_frame(self, frame, most_bytes, most_context);
}

// As much as the socket takes; the rest when it has room again.
void Connection::Impl::write(std::shared_ptr<Impl> self) {
  if (self->full || self->queue.empty() || !self->connected || self->closed) return;
  const error_code error = self->write_queue();
  if (!error) return self->changed.cancel(), void();
  if (error != asio::error::would_block)  // the reader hears of it; not inside of send()
    return asio::post(self->socket.get_executor(), [self] { self->close(); });
  self->full = true;
  self->socket.async_wait(tcp::socket::wait_write, [self](error_code) {
    self->full = false;
    write(self);
  });
}

error_code Connection::Impl::write_queue() {
  while (!queue.empty()) {
    Outgoing& frame = queue.front();
    if (written < frame.size()) {
      const std::size_t of_head = std::min(written, frame.head.size());
      const ByteSpan rest[] = {ByteSpan(frame.head).subspan(of_head),
                               frame.end().subspan(written - of_head)};
      const Moved moved = stream.write(rest);
      if (moved.error) return moved.error;
      written += moved.bytes;
      continue;
    }
    if (const error_code error = stream.flush()) return error;
    queued -= frame.size();
    if (spare.size() < kSpareBuffers && !is_shard(frame.head))
      spare.push_back(std::move(frame.head));
    queue.pop_front();
    written = 0;
  }
  return {};
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
  SSL* const tls = impl_->stream.tls();
  if (!tls) return {};
  Bytes out(kChannelBytes);
  const int done =
      SSL_export_keying_material(tls, reinterpret_cast<unsigned char*>(out.data()), out.size(),
                                 kChannelLabel.data(), kChannelLabel.size(), nullptr, 0, 0);
  LAGGARD_ASSERT(done == 1, "no channel value before the handshake is done");
  return out;
}

asio::awaitable<void> Connection::read(Frame& frame, MostBytes most_bytes, const void* context) {
  return Impl::read(impl_, frame, most_bytes, context);
}

void Connection::send(Bytes frame, SharedTail tail) {
  if (impl_->closed || impl_->leaving || frame.empty()) return;
  impl_->queue.push_back({std::move(frame), std::move(tail)});
  impl_->queued += impl_->queue.back().size();
  Impl::write(impl_);
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
