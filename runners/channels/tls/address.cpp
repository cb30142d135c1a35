#include "runners/channels/tls/address.hpp"

#include "core/io/error.hpp"
#include "core/io/parse.hpp"
#include "core/problem/text_cursor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace laggard {

namespace asio = boost::asio;

asio::ip::tcp::endpoint parse_endpoint(std::string_view text, std::string_view what) {
  const auto fail = [&]() -> asio::ip::tcp::endpoint {
    throw Error(fmt::format("{}: {}: expected ADDRESS:PORT or [ADDRESS6]:PORT, the address numeric",
                            what, text));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return fail();
  std::string_view address = text.substr(0, colon), port = text.substr(colon + 1);
  const bool bracketed = address.size() > 2 && address.front() == '[' && address.back() == ']';
  if (bracketed) address = address.substr(1, address.size() - 2);
  boost::system::error_code error;
  const auto ip = asio::ip::make_address(std::string(address), error);
  if (error || ip.is_v6() != bracketed) return fail();
  std::uint16_t number = 0;
  const auto [end, bad] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (bad != std::errc() || end != port.data() + port.size()) return fail();
  return {ip, number};
}

std::string to_text(const asio::ip::tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                    : fmt::format("{}:{}", address, endpoint.port());
}

Url parse_url(const std::string& text, std::string_view what) {
  Url url;
  url.shown = without_secrets(text);
  // Any of these would go into the head of the request as it is.
  if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; }))
    throw Error(fmt::format(
        "{}: {}: expected a URL of printable ASCII without blanks; others are written as %XX", what,
        quote_for_message(url.shown)));
  url.secure = text.starts_with("https://");
  if (!url.secure && !text.starts_with("http://"))
    throw Error(
        fmt::format("{}: {}: expected http://HOST/PATH or https://HOST/PATH", what, url.shown));
  const std::string rest = text.substr(url.secure ? 8 : 7);
  const std::size_t end = rest.find_first_of("/?");
  url.authority = rest.substr(0, end);
  url.target = end == rest.npos ? "/" : rest.substr(end);
  if (url.target.front() == '?') url.target = '/' + url.target;
  url.host = url.authority;
  url.port = url.secure ? 443 : 80;
  const std::size_t colon = url.authority.rfind(':');
  if (url.authority.find('@') != url.authority.npos)
    throw Error(fmt::format("{}: {}: expected a URL without a user", what, url.shown));
  if (colon != url.authority.npos && url.authority.find(']', colon) == url.authority.npos) {
    url.host = url.authority.substr(0, colon);
    url.port = static_cast<std::uint16_t>(parse_integer(
        url.authority.substr(colon + 1), fmt::format("{}: {}: port", what, url.shown), 1, 65535));
  }
  if (url.host.starts_with('[') && url.host.ends_with(']'))
    url.host = url.host.substr(1, url.host.size() - 2);
  if (url.host.empty())
    throw Error(fmt::format("{}: {}: expected a host after ://", what, url.shown));
  return url;
}

std::string without_secrets(std::string text) {
  const std::size_t scheme = text.find("://");
  if (scheme == text.npos) return text;
  const std::size_t begin = scheme + 3;
  const std::size_t query = text.find('?', begin);
  if (query != text.npos) text.replace(query, text.npos, "?...");
  const std::size_t at = text.substr(0, text.find('/', begin)).rfind('@');
  if (at != text.npos && at >= begin) text.replace(begin, at - begin, "...");
  return text;
}

}  // namespace laggard
