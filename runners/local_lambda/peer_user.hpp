// Whose process is at the other end of a connection on this machine?
#pragma once

#include <boost/asio/ip/tcp.hpp>

namespace laggard::local {

// False: it is another user's (not root's), or gone. For IPv4; true where the system does not tell.
bool is_this_users(const boost::asio::ip::tcp::socket& socket);

}  // namespace laggard::local
