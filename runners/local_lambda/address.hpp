// "ADDRESS:PORT" with numeric addresses.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace laggard::local {

// "127.0.0.1:80" or "[::1]:80"; nothing where it is neither.
std::optional<boost::asio::ip::tcp::endpoint> parse_address(std::string_view text);
std::string to_text(const boost::asio::ip::tcp::endpoint& endpoint);

// Opens, binds and listens. Throws Error naming the address.
void open_listener(boost::asio::ip::tcp::acceptor& acceptor, std::string_view address);

}  // namespace laggard::local
