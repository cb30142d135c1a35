#include "runners/channels/tls/socket_stream.hpp"

#include "core/io/error.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace laggard {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// As much is encrypted before it is sent: some records, of a frame that may be large.
constexpr std::size_t kSealedAtOnce = 256 * 1024;
// And as much is taken from the socket before it is decrypted.
constexpr std::size_t kReadAhead = 128 * 1024;
constexpr std::size_t kMostParts = 3;

error_code last_error() {
  return errno == EAGAIN || errno == EWOULDBLOCK
             ? error_code(asio::error::would_block)
             : error_code(errno, boost::system::system_category());
}

// For one call of sendmsg() or recvmsg().
class Parts {
 public:
  template <class Byte>
  explicit Parts(std::span<const std::span<Byte>> parts) {
    LAGGARD_ASSERT(parts.size() <= kMostParts, "a frame of more parts");
    for (const auto& part : parts)
      vectors_[count_++] = {const_cast<std::byte*>(part.data()), part.size()};
  }
  msghdr message() {
    msghdr out{};
    out.msg_iov = vectors_.data();
    out.msg_iovlen = count_;
    return out;
  }

 private:
  std::array<iovec, kMostParts> vectors_;
  std::size_t count_ = 0;
};

Moved send_some(int socket, std::span<const ByteSpan> parts) {
  Parts vectors(parts);
  const msghdr message = vectors.message();
  const ssize_t size = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (size < 0) return {0, last_error()};
  return {static_cast<std::size_t>(size), {}};
}

Moved receive_some(int socket, std::span<const std::span<std::byte>> parts) {
  Parts vectors(parts);
  msghdr message = vectors.message();
  const ssize_t size = ::recvmsg(socket, &message, MSG_DONTWAIT);
  if (size < 0) return {0, last_error()};
  if (size == 0) return {0, asio::error::eof};
  return {static_cast<std::size_t>(size), {}};
}

// A BIO that appends to Bytes. OpenSSL's own clears all of its memory each time it is emptied.
int append(BIO* bio, const char* data, int size) {
  auto& out = *static_cast<Bytes*>(BIO_get_data(bio));
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  out.insert(out.end(), bytes, bytes + size);
  return size;
}
long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* appending() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "bytes");
    BIO_meth_set_write(made, append);
    BIO_meth_set_ctrl(made, control);
    return made;
  }();
  return method;
}

}  // namespace

void SocketStream::Free::operator()(SSL* tls) const { SSL_free(tls); }

SocketStream::SocketStream(asio::ip::tcp::socket& socket, asio::ssl::context* context)
    : socket_(socket) {
  if (!context) return;
  tls_.reset(SSL_new(context->native_handle()));
  BIO* out = BIO_new(appending());
  LAGGARD_ASSERT(tls_ && out, "OpenSSL has no memory");
  BIO_set_data(out, &sealed_);
  BIO_set_init(out, 1);
  SSL_set0_wbio(tls_.get(), out);
  SSL_set_mode(tls_.get(), SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_set_read_ahead(tls_.get(), 1);
  SSL_set_default_read_buffer_len(tls_.get(), kReadAhead);
}

SocketStream::~SocketStream() = default;

void SocketStream::begin(bool server) {
  error_code ignored;  // the first read says it
  socket_.native_non_blocking(true, ignored);
  if (!tls_) return;
  BIO* in = BIO_new_socket(socket_.native_handle(), BIO_NOCLOSE);
  LAGGARD_ASSERT(in, "OpenSSL has no memory");
  SSL_set0_rbio(tls_.get(), in);
  if (server)
    SSL_set_accept_state(tls_.get());
  else
    SSL_set_connect_state(tls_.get());
}

// Of a call that returned `result`.
error_code SocketStream::error_of(int result) {
  const int system = errno;
  switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_NONE:
      return {};
    case SSL_ERROR_WANT_READ:
      return asio::error::would_block;
    case SSL_ERROR_ZERO_RETURN:
      return asio::error::eof;
    case SSL_ERROR_SYSCALL:
      if (system == 0) return asio::ssl::error::stream_truncated;
      return {system, boost::system::system_category()};
    default:
      break;
  }
  const unsigned long code = ERR_get_error();
  if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
    return asio::ssl::error::stream_truncated;
  return {static_cast<int>(code), asio::error::get_ssl_category()};
}

error_code SocketStream::shake_hands() {
  if (!tls_) return {};
  ERR_clear_error();
  errno = 0;
  return error_of(SSL_do_handshake(tls_.get()));
}

Moved SocketStream::read(std::span<const std::span<std::byte>> parts) {
  if (!tls_) return receive_some(socket_.native_handle(), parts);
  Moved moved;
  const std::span<std::byte> out = parts.front();
  ERR_clear_error();
  errno = 0;
  const int result = SSL_read_ex(tls_.get(), out.data(), out.size(), &moved.bytes);
  if (result != 1) moved = {0, error_of(result)};
  return moved;
}

Moved SocketStream::write(std::span<const ByteSpan> parts) {
  if (!tls_) return send_some(socket_.native_handle(), parts);
  if (const error_code error = flush()) return {0, error};
  Moved moved;
  for (const ByteSpan& part : parts) {
    const std::size_t size = std::min(part.size(), kSealedAtOnce - moved.bytes);
    std::size_t taken = 0;
    if (size == 0) continue;
    ERR_clear_error();
    errno = 0;
    const int result = SSL_write_ex(tls_.get(), part.data(), size, &taken);
    if (result != 1) return {0, error_of(result)};
    moved.bytes += taken;
  }
  return moved;
}

error_code SocketStream::flush() {
  while (sent_ < sealed_.size()) {
    const ByteSpan rest = ByteSpan(sealed_).subspan(sent_);
    const Moved moved = send_some(socket_.native_handle(), std::span(&rest, 1));
    if (moved.error) return moved.error;
    sent_ += moved.bytes;
  }
  sealed_.clear();
  sent_ = 0;
  return {};
}

}  // namespace laggard
