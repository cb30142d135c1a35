#include "runners/worker/http_range.hpp"

#include "core/io/error.hpp"
#include "runners/channels/http/client.hpp"
#include "runners/channels/tls/address.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <span>
#include <thread>

namespace laggard {
namespace {

namespace asio = boost::asio;

constexpr auto kRangePatience = std::chrono::seconds(30);
constexpr auto kLookAtStop = std::chrono::milliseconds(50);
constexpr int kMostTries = 4;
constexpr auto kFirstPause = std::chrono::milliseconds(250);  // and then doubles

// What the server says may pass by itself.
struct Busy : Error {
  using Error::Error;
};

bool is_busy(unsigned status) {
  return status == 408 || status == 425 || status == 429 || status == 500 || status == 502 ||
         status == 503 || status == 504;
}

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

void check_head(const HttpAnswer& head, const Url& url, const HttpRange& range) {
  if (is_busy(head.status))
    throw Busy(fmt::format("--shard-source {}: status {}", url.shown, head.status));
  if (head.status != 206 && !(head.status == 200 && range.offset == 0))
    throw Error(fmt::format("--shard-source {}: status {}; expected 206 and bytes {} to {}",
                            url.shown, head.status, range.offset, range.offset + range.bytes - 1));
  if (head.length && *head.length != static_cast<std::uint64_t>(range.bytes))
    throw Error(fmt::format("--shard-source {}: status {} with {} bytes; expected {}", url.shown,
                            head.status, *head.length, range.bytes));
}

asio::awaitable<std::unique_ptr<ByteStream>> connect(const Url& url, const HttpRange& range) {
  const asio::ip::tcp::endpoint peer = endpoint_of(url, range.address);
  if (!url.secure) return connect_plain(peer, kRangePatience);
  return connect_tls(peer, url.host, range.ca_file, kRangePatience);
}

asio::awaitable<Bytes> get(const Url& url, const HttpRange& range) {
  std::unique_ptr<ByteStream> stream;
  try {
    stream = co_await connect(url, range);
  } catch (const Error& error) {
    throw Error(fmt::format("--shard-source {}: {}", url.shown, error.what()));
  }
  HttpCall call;
  call.target = url.target;
  call.headers.emplace_back("User-Agent", "laggard-worker");
  call.headers.emplace_back(
      "Range", fmt::format("bytes={}-{}", range.offset, range.offset + range.bytes - 1));
  const auto check = [&](const HttpAnswer& head) { check_head(head, url, range); };
  const auto most = static_cast<std::uint64_t>(range.bytes);
  const HttpAnswer answer = co_await exchange(*stream, call, url.authority, most, check);
  if (answer.body.size() != most)
    throw Error(fmt::format("--shard-source {}: {} bytes came; expected {}", url.shown,
                            answer.body.size(), range.bytes));
  const ByteSpan body = std::as_bytes(std::span(answer.body));
  co_return Bytes(body.begin(), body.end());
}

Bytes fetch_once(const Url& url, const HttpRange& range, const std::atomic<bool>& stop) {
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

}  // namespace

Bytes fetch(const HttpRange& range, const std::atomic<bool>& stop) {
  const Url url = parse_url(range.url, "--shard-source");
  auto pause = kFirstPause;
  for (int tried = 1;; ++tried, pause *= 2) {
    try {
      return fetch_once(url, range, stop);
    } catch (const Busy&) {
      if (tried == kMostTries) throw;
    }
    const auto until = std::chrono::steady_clock::now() + pause;
    while (!stop && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(kLookAtStop);
  }
}

}  // namespace laggard
