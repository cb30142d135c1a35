// Bytes over a connected TCP socket, through TLS 1.3 or as they are. Nothing here ever waits:
// whoever calls waits for the socket, and tries again.
// Not asio's stream: that sends and takes a record of 16 KB at a time, with a system call each, and
// copies it on the way. Here one call sends many records, and one takes many.
#pragma once

#include "core/wire/messages.hpp"

#include <openssl/types.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <span>

namespace laggard {

// How far an attempt came: so many bytes; or none, with would_block, or why it failed.
struct Moved {
  std::size_t bytes = 0;
  boost::system::error_code error;

  bool blocked() const { return error == boost::asio::error::would_block; }
};

class SocketStream {
 public:
  // `context` null: plain TCP. `socket` must outlive it.
  SocketStream(boost::asio::ip::tcp::socket& socket, boost::asio::ssl::context* context);
  ~SocketStream();

  // The socket is connected. Before all that follows.
  void begin(bool server);

  // Goes on with the handshake of TLS; would_block until the peer has said more. What it has to say
  // itself is for flush(), also when it fails.
  boost::system::error_code shake_hands();

  // Into `parts`, from the first on.
  Moved read(std::span<const std::span<std::byte>> parts);
  // Bytes of `parts`, from the first on. They may wait for flush().
  Moved write(std::span<const ByteSpan> parts);
  // What write() took and has not sent: none is left where there is no error.
  boost::system::error_code flush();

  SSL* tls() const { return tls_.get(); }  // null on plain TCP

 private:
  struct Free {
    void operator()(SSL* tls) const;
  };
  boost::system::error_code error_of(int result);

  boost::asio::ip::tcp::socket& socket_;
  std::unique_ptr<SSL, Free> tls_;
  Bytes sealed_;          // records to be sent
  std::size_t sent_ = 0;  // of them
};

}  // namespace laggard
