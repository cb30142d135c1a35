#include "runners/local_lambda/address.hpp"

#include "core/error.hpp"

#include <charconv>
#include <fmt/format.h>

namespace laggard::local {

using boost::asio::ip::tcp;

std::optional<tcp::endpoint> parse_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, port);
  if (error != std::errc() || stop != end) return std::nullopt;
  boost::system::error_code failure;
  const auto address = boost::asio::ip::make_address(std::string(host), failure);
  if (failure || address.is_v6() != brackets) return std::nullopt;
  return tcp::endpoint(address, port);
}

std::string to_text(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return fmt::format(fmt::runtime(endpoint.address().is_v6() ? "[{}]:{}" : "{}:{}"), host,
                     endpoint.port());
}

void open_listener(tcp::acceptor& acceptor, std::string_view address) {
  const auto endpoint = parse_address(address);
  if (!endpoint) {
    throw Error(fmt::format("--listen: '{}' is no address; expected ADDRESS:PORT with a numeric "
                            "address, e.g. 127.0.0.1:0", address));
  }
  boost::system::error_code failure;
  acceptor.open(endpoint->protocol(), failure);
  if (!failure) acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
  if (!failure) acceptor.bind(*endpoint, failure);
  if (!failure) acceptor.listen(tcp::acceptor::max_listen_connections, failure);
  if (failure) {
    throw Error(fmt::format("--listen: cannot listen on {}: {}", address, failure.message()));
  }
}

}  // namespace laggard::local
