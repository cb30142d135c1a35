#include "runners/channels/http/client.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>

namespace laggard {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

// Closes the socket when a call takes too long.
class Patience {
 public:
  Patience(tcp::socket::lowest_layer_type& socket, Time patience)
      : socket_(socket), patience_(patience), timer_(socket.get_executor()) {}

  void begin() {
    if (patience_ == kForever) return;
    timer_.expires_after(patience_);
    timer_.async_wait([this, over = over_](error_code error) {
      if (error) return;
      *over = true;
      error_code ignored;
      socket_.close(ignored);
    });
  }
  // Throws what the call came to.
  void end(error_code failure) {
    timer_.cancel();
    if (*over_) throw boost::system::system_error(asio::error::timed_out);
    if (failure) throw boost::system::system_error(failure);
  }

 private:
  tcp::socket::lowest_layer_type& socket_;
  Time patience_;
  asio::steady_timer timer_;
  std::shared_ptr<bool> over_ = std::make_shared<bool>(false);
};

template <class Stream>
class StreamOf final : public ByteStream {
 public:
  template <class... Arguments>
  explicit StreamOf(Time patience, Arguments&&... arguments)
      : stream(std::forward<Arguments>(arguments)...), patience_(stream.lowest_layer(), patience) {}

  asio::awaitable<std::size_t> read_some(asio::mutable_buffer buffer) override {
    error_code failure;
    patience_.begin();
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    const std::size_t count = co_await stream.async_read_some(buffer, token);
    patience_.end(failure);
    co_return count;
  }
  asio::awaitable<void> write(asio::const_buffer bytes) override {
    error_code failure;
    patience_.begin();
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    co_await asio::async_write(stream, bytes, token);
    patience_.end(failure);
  }
  asio::awaitable<void> connect(tcp::endpoint peer) {
    error_code failure;
    patience_.begin();
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    co_await stream.lowest_layer().async_connect(peer, token);
    patience_.end(failure);
  }

  Stream stream;

 private:
  Patience patience_;
};

using TlsStream = StreamOf<asio::ssl::stream<tcp::socket>>;

std::string text_of(const HttpCall& call, const std::string& host) {
  std::string text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", call.method, call.target, host);
  for (const auto& [name, value] : call.headers) text += fmt::format("{}: {}\r\n", name, value);
  if (call.method != "GET") text += fmt::format("Content-Length: {}\r\n", call.body.size());
  return text + "Connection: close\r\n\r\n" + call.body;
}

HttpAnswer head_of(const http::response_parser<http::string_body>& parser) {
  HttpAnswer answer;
  answer.status = static_cast<int>(parser.get().result_int());
  for (const auto& field : parser.get())
    answer.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  if (const auto length = parser.content_length()) answer.length = *length;
  return answer;
}

}  // namespace

std::string_view HttpAnswer::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (boost::beast::iequals(key, name)) return value;
  return {};
}

asio::awaitable<std::unique_ptr<ByteStream>> connect_plain(tcp::endpoint peer, Time patience) {
  const auto executor = co_await asio::this_coro::executor;
  auto stream = std::make_unique<StreamOf<tcp::socket>>(patience, executor);
  co_await stream->connect(peer);
  co_return stream;
}

asio::awaitable<std::unique_ptr<ByteStream>> connect_tls(tcp::endpoint peer, std::string host,
                                                         std::string ca_file, Time patience) {
  const auto executor = co_await asio::this_coro::executor;
  asio::ssl::context context(asio::ssl::context::tls_client);
  context.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
  context.set_verify_mode(asio::ssl::verify_peer);
  context.load_verify_file(ca_file);
  auto stream = std::make_unique<TlsStream>(patience, executor, context);
  stream->stream.set_verify_callback(asio::ssl::host_name_verification(host));
  error_code numeric;
  asio::ip::make_address(host, numeric);
  if (numeric) SSL_set_tlsext_host_name(stream->stream.native_handle(), host.c_str());
  co_await stream->connect(peer);
  error_code refused;
  auto token = asio::redirect_error(asio::use_awaitable, refused);
  co_await stream->stream.async_handshake(asio::ssl::stream_base::client, token);
  const long verdict = SSL_get_verify_result(stream->stream.native_handle());
  if (refused && verdict != X509_V_OK)
    throw Error(fmt::format("its certificate: {}; expected one for {} that {} vouches for",
                            X509_verify_cert_error_string(verdict), host, ca_file));
  if (refused) throw boost::system::system_error(refused);
  co_return stream;
}

asio::awaitable<HttpAnswer> exchange(ByteStream& stream, HttpCall call, std::string host,
                                     std::uint64_t body_limit, HttpHead on_head) {
  const std::string request = text_of(call, host);
  const asio::const_buffer bytes = asio::buffer(request);
  co_await stream.write(bytes);
  http::response_parser<http::string_body> parser;
  parser.body_limit(body_limit);
  parser.eager(true);
  std::string unread;
  std::vector<char> room(std::size_t{1} << 16);
  bool told = false;
  while (!parser.is_done()) {
    const asio::mutable_buffer space = asio::buffer(room);
    std::size_t count = 0;
    error_code failure;
    try {
      count = co_await stream.read_some(space);
    } catch (const boost::system::system_error& error) {
      failure = error.code();
    }
    if (failure == asio::error::eof) {
      error_code cut_short;
      if (!parser.got_some()) throw boost::system::system_error(http::error::end_of_stream);
      parser.put_eof(cut_short);  // takes nothing at all for an answer
      if (cut_short) throw boost::system::system_error(cut_short);
      break;
    }
    if (failure) throw boost::system::system_error(failure);
    unread.append(room.data(), count);
    const std::size_t used = parser.put(asio::buffer(unread), failure);
    unread.erase(0, used);
    const bool stopped = failure && failure != http::error::need_more;
    if (parser.is_header_done() && !std::exchange(told, true) && on_head) on_head(head_of(parser));
    if (stopped) throw boost::system::system_error(failure);
  }
  HttpAnswer answer = head_of(parser);
  answer.body = std::move(parser.get().body());
  co_return answer;
}

}  // namespace laggard
