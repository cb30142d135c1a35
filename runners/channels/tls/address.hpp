// Addresses and URLs as they are written.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace laggard {

// "ADDRESS:PORT" or "[ADDRESS6]:PORT", the address numeric. Throws Error naming `what`.
boost::asio::ip::tcp::endpoint parse_endpoint(std::string_view text, std::string_view what);
// What parse_endpoint() takes back.
std::string to_text(const boost::asio::ip::tcp::endpoint& endpoint);

struct Url {
  bool secure = false;
  std::string host;       // as the certificate has it: without port and brackets
  std::string authority;  // for the Host header
  std::uint16_t port = 0;
  std::string target;
  std::string shown;  // for messages
};
// "http[s]://HOST[:PORT][/TARGET]" of printable ASCII, without blanks and a user. Throws Error
// naming `what`.
Url parse_url(const std::string& text, std::string_view what);

// The text without the user and the query of the URLs in it: those may be secrets. A URL ends with
// the text.
std::string without_secrets(std::string text);

}  // namespace laggard
