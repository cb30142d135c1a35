#include "runners/worker/http_range.hpp"

#include "core/io/error.hpp"
#include "runners/channels/tls/address.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <exception>

namespace laggard {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr auto kPatience = std::chrono::seconds(30);
constexpr auto kLookAtStop = std::chrono::milliseconds(50);

asio::ip::tcp::endpoint endpoint_of(const Url& url, const std::string& address) {
  const std::string& text = address.empty() ? url.host : address;
  boost::system::error_code error;
  const asio::ip::address numeric = asio::ip::make_address(text, error);
  if (error)
    throw Error(
        fmt::format("--shard-source {}: address '{}' is not numeric; expected as in 10.0.0.1",
                    url.shown, text));
  return {numeric, url.port};
}

template <class Stream>
asio::awaitable<Bytes> exchange(Stream& stream, const Url& url, const HttpRange& range) {
  http::request<http::empty_body> request(http::verb::get, url.target, 11);
  request.set(http::field::host, url.authority);
  request.set(http::field::user_agent, "laggard-worker");
  request.set(http::field::range,
              fmt::format("bytes={}-{}", range.offset, range.offset + range.bytes - 1));
  co_await http::async_write(stream, request, asio::use_awaitable);
  beast::flat_buffer buffer;
  http::response_parser<http::vector_body<std::byte>> parser;
  parser.body_limit(boost::none);  // until the status is known
  co_await http::async_read_header(stream, buffer, parser, asio::use_awaitable);
  const unsigned status = parser.get().result_int();
  if (status != 206 && !(status == 200 && range.offset == 0))
    throw Error(fmt::format("--shard-source {}: status {}; expected 206 and bytes {} to {}",
                            url.shown, status, range.offset, range.offset + range.bytes - 1));
  const auto told = parser.content_length();
  if (told && *told != static_cast<std::uint64_t>(range.bytes))
    throw Error(fmt::format("--shard-source {}: status {} with {} bytes; expected {}", url.shown,
                            status, *told, range.bytes));
  parser.body_limit(static_cast<std::uint64_t>(range.bytes));
  while (!parser.is_done()) {
    beast::get_lowest_layer(stream).expires_after(kPatience);
    co_await http::async_read_some(stream, buffer, parser, asio::use_awaitable);
  }
  Bytes body = std::move(parser.get().body());
  if (static_cast<std::int64_t>(body.size()) != range.bytes)
    throw Error(fmt::format("--shard-source {}: {} bytes came; expected {}", url.shown, body.size(),
                            range.bytes));
  co_return body;
}

asio::awaitable<Bytes> get(const Url& url, const HttpRange& range) {
  const auto executor = co_await asio::this_coro::executor;
  const asio::ip::tcp::endpoint peer = endpoint_of(url, range.address);
  if (!url.secure) {
    beast::tcp_stream stream(executor);
    stream.expires_after(kPatience);
    co_await stream.async_connect(peer, asio::use_awaitable);
    co_return co_await exchange(stream, url, range);
  }
  asio::ssl::context context(asio::ssl::context::tls_client);
  context.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
  context.set_verify_mode(asio::ssl::verify_peer);
  context.load_verify_file(range.ca_file);
  beast::ssl_stream<beast::tcp_stream> stream(executor, context);
  stream.set_verify_callback(asio::ssl::host_name_verification(url.host));
  boost::system::error_code numeric;
  asio::ip::make_address(url.host, numeric);
  if (numeric) SSL_set_tlsext_host_name(stream.native_handle(), url.host.c_str());
  beast::get_lowest_layer(stream).expires_after(kPatience);
  co_await beast::get_lowest_layer(stream).async_connect(peer, asio::use_awaitable);
  boost::system::error_code refused;
  auto token = asio::redirect_error(asio::use_awaitable, refused);
  co_await stream.async_handshake(asio::ssl::stream_base::client, token);
  const long verdict = SSL_get_verify_result(stream.native_handle());
  if (refused && verdict != X509_V_OK)
    throw Error(fmt::format(
        "--shard-source {}: its certificate: {}; expected one for {} that {} vouches for",
        url.shown, X509_verify_cert_error_string(verdict), url.host, range.ca_file));
  if (refused) throw boost::system::system_error(refused);
  co_return co_await exchange(stream, url, range);
}

}  // namespace

Bytes fetch(const HttpRange& range, const std::atomic<bool>& stop) {
  const Url url = parse_url(range.url, "--shard-source");
  asio::io_context loop(1);
  std::exception_ptr failure;
  Bytes body;
  bool done = false;
  asio::co_spawn(loop, get(url, range), [&](std::exception_ptr error, Bytes got) {
    failure = error;
    body = std::move(got);
    done = true;
  });
  while (!done && !stop) loop.run_for(kLookAtStop);
  if (!done) throw Error(fmt::format("--shard-source {}: not waited for any more", url.shown));
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    throw Error(fmt::format("--shard-source {}: {}", url.shown, error.code().message()));
  }
  return body;
}

}  // namespace laggard
