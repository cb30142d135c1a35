// Where the endpoint listens.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <string_view>

namespace laggard::local {

// Opens, binds and listens on a numeric ADDRESS:PORT. Throws Error naming --listen and the address.
void open_listener(boost::asio::ip::tcp::acceptor& acceptor, std::string_view address);

}  // namespace laggard::local
