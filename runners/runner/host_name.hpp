// Names of hosts, which the coordinator resolves: its workers are static programs and cannot.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace laggard {

struct HostAndPort {
  std::string_view host;  // with its brackets, if it has some
  std::uint16_t port;
};
// Of "HOST:PORT". Throws Error naming `what`.
HostAndPort split_host(std::string_view text, std::string_view what);

// "HOST:PORT", the host a name or an address ([ADDRESS6]:PORT). An IPv4 address is preferred.
// Throws Error naming `what`.
boost::asio::ip::tcp::endpoint resolve_host(std::string_view text, std::string_view what);

}  // namespace laggard
