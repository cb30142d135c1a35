// A stream of frames between a worker and the coordinator, over TLS 1.3 or, on loopback, plain TCP.
#pragma once

#include "core/wire/messages.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace laggard {

namespace asio = boost::asio;

// The key and the self-signed certificate of one run, made in memory and never written.
struct RunCertificate {
  std::shared_ptr<asio::ssl::context> context;  // of the coordinator; TLS 1.3 only
  std::string pin;                              // SHA-256 of the certificate (DER), hexadecimal
};
RunCertificate make_run_certificate();

// A context that accepts the pinned certificate and no other. TLS 1.3 only.
std::shared_ptr<asio::ssl::context> pinned_context(const std::string& pin);

// Used from one thread. Every asynchronous call ends with a boost::system::system_error when the
// connection ends, and with WireError when the peer breaks the format. The owner bounds how long a
// handshake takes, with close(). To let go of a Connection is to close() it. A peer that vanished
// without a word ends it 30 s after something was sent.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `context` null: plain TCP.
  Connection(asio::ip::tcp::socket socket, std::shared_ptr<asio::ssl::context> context);
  ~Connection();

  // Coordinator's side: TLS handshake.
  asio::awaitable<void> accept();
  // Worker's side: connects and shakes hands.
  asio::awaitable<void> connect(asio::ip::tcp::endpoint peer);

  // The TLS exporter value of this connection, label "EXPORTER-laggard-hello"; empty on plain TCP.
  Bytes channel() const;

  // The next frame into `frame`, whose memory is reused, and its tail where its numbers stay: the
  // header is checked, against `most_bytes` by kind as well, before anything of its size is
  // allocated; then the checksum.
  using MostBytes = std::uint64_t (*)(MessageKind kind, const void* context);
  // One read at a time.
  asio::awaitable<void> read(Frame& frame, MostBytes most_bytes, const void* context);

  // Queues a whole frame, sent in order. Never blocks. After the connection has ended: nothing.
  void send(Bytes frame, SharedTail tail = nullptr);  // null: the frame is whole
  std::size_t queued_bytes() const;

  // Sends what is queued, says that no more comes, and closes once the peer has closed; at the
  // latest after a second. A read may go on meanwhile.
  asio::awaitable<void> shut_down();
  void close();  // at once, at any time; pending calls end with operation_aborted

  std::string peer() const;  // address and port, for messages
  // When bytes of a frame came last; a frame that takes long to come is no silence.
  std::chrono::steady_clock::time_point heard() const;
  asio::any_io_executor executor();

  // A buffer to encode into, from those that were sent: no allocation in the steady state.
  Bytes buffer();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;  // shared with what is under way
};

}  // namespace laggard
