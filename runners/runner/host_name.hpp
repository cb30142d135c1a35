// Names of hosts, which the coordinator resolves: its workers are static programs and cannot.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <string>
#include <string_view>

namespace laggard {

// "HOST:PORT", the host a name or an address ([ADDRESS6]:PORT). An IPv4 address is preferred.
// Throws Error naming `what`.
boost::asio::ip::tcp::endpoint resolve_host(std::string_view text, std::string_view what);

}  // namespace laggard
