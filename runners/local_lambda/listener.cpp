#include "runners/local_lambda/listener.hpp"

#include "core/io/error.hpp"
#include "runners/channels/tls/address.hpp"

#include <fmt/format.h>

namespace laggard::local {

using boost::asio::ip::tcp;

void open_listener(tcp::acceptor& acceptor, std::string_view address) {
  const tcp::endpoint endpoint = parse_endpoint(address, "--listen");
  boost::system::error_code failure;
  acceptor.open(endpoint.protocol(), failure);
  if (!failure) acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
  if (!failure) acceptor.bind(endpoint, failure);
  if (!failure) acceptor.listen(tcp::acceptor::max_listen_connections, failure);
  if (failure) {
    throw Error(fmt::format("--listen: cannot listen on {}: {}", address, failure.message()));
  }
}

}  // namespace laggard::local
