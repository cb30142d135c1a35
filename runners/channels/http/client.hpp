// One HTTP/1.1 exchange: the client's side, over whatever carries bytes.
#pragma once

#include "core/task/types.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace laggard {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpCall {
  std::string method = "GET";
  std::string target;
  HttpHeaders headers;
  std::string body;
};

struct HttpAnswer {
  int status = 0;
  HttpHeaders headers;
  std::optional<std::uint64_t> length;  // of the body, where the headers tell
  std::string body;

  // The first header of that name, in any case; empty: none.
  std::string_view header(std::string_view name) const;
};

// Bytes to and from a peer. Every call throws boost::system::system_error when the connection ends
// (asio::error::eof), or takes longer than its owner allows (timed_out).
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  virtual boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer buffer) = 0;
  virtual boost::asio::awaitable<void> write(boost::asio::const_buffer bytes) = 0;
};

// Plain TCP. patience: for each call; kForever: no limit.
boost::asio::awaitable<std::unique_ptr<ByteStream>> connect_plain(
    boost::asio::ip::tcp::endpoint peer, Time patience);
// TLS, for whoever `ca_file` (PEM) vouches for `host`. Throws Error that tells the verdict on a
// certificate.
boost::asio::awaitable<std::unique_ptr<ByteStream>> connect_tls(boost::asio::ip::tcp::endpoint peer,
                                                                std::string host,
                                                                std::string ca_file, Time patience);

// Told of an answer before its body is read; may throw. Null: nobody is.
using HttpHead = std::function<void(const HttpAnswer& head)>;

// Sends `call` and reads the answer. host: of the Host header. Throws boost::system::system_error,
// also for an answer that is no HTTP or has a body beyond `body_limit`.
boost::asio::awaitable<HttpAnswer> exchange(ByteStream& stream, HttpCall call, std::string host,
                                            std::uint64_t body_limit, HttpHead on_head);

}  // namespace laggard
