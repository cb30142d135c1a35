// Whose process is at the other end of a connection on this machine?
#pragma once

#include <boost/asio/ip/tcp.hpp>

namespace laggard::local {

// Opens what is_this_users asks with, once for the whole program, so that it needs no descriptor
// later. Throws Error where the system does not tell.
void prepare_peer_user();

// False: it is another user's (not root's), of another machine, gone, or the system does not tell.
// Asks the kernel for the one connection: as quick however many there are.
bool is_this_users(const boost::asio::ip::tcp::socket& socket);

}  // namespace laggard::local
