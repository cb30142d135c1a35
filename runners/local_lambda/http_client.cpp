#include "runners/local_lambda/http.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace laggard::local {
namespace {

namespace asio = boost::asio;

constexpr std::uint64_t kMostBytes = 16 << 20;

asio::awaitable<HttpAnswer> post(std::uint16_t port, HttpCall call) {
  const asio::ip::tcp::endpoint there(asio::ip::address_v4::loopback(), port);
  const auto stream = co_await connect_plain(there, kForever);
  co_return co_await exchange(*stream, call, "127.0.0.1", kMostBytes, nullptr);
}

}  // namespace

void http_post(asio::io_context& io, std::uint16_t port, const std::string& target,
               std::string body, std::function<void(HttpReply)> answered) {
  asio::co_spawn(io, post(port, {"POST", target, {}, std::move(body)}),
                 [answered = std::move(answered)](std::exception_ptr failure, HttpAnswer answer) {
                   if (!failure) return answered({answer.status, {}, std::move(answer.body)});
                   try {
                     std::rethrow_exception(failure);
                   } catch (const std::exception& error) {
                     answered({0, {}, error.what()});
                   }
                 });
}

}  // namespace laggard::local
