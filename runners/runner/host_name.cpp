#include "runners/runner/host_name.hpp"

#include "core/io/error.hpp"
#include "core/io/parse.hpp"

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>

namespace laggard {

using boost::asio::ip::tcp;

HostAndPort split_host(std::string_view text, std::string_view what) {
  const auto colon = text.rfind(':');
  const std::string_view host = text.substr(0, colon);
  if (colon == text.npos || host.empty())
    throw Error(fmt::format("{}: {} is not HOST:PORT", what, text));
  return {host, static_cast<std::uint16_t>(parse_integer(text.substr(colon + 1), what, 0, 65535))};
}

tcp::endpoint resolve_host(std::string_view text, std::string_view what) {
  auto [host, port] = split_host(text, what);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(host), error);
  if (!error) return {address, port};
  boost::asio::io_context loop;
  const auto found = tcp::resolver(loop).resolve(host, "", error);
  if (error || found.empty())
    throw Error(fmt::format("{}: cannot resolve the host {}: {}", what, host, error.message()));
  tcp::endpoint best = found.begin()->endpoint();
  for (const auto& entry : found)
    if (entry.endpoint().address().is_v4()) {
      best = entry.endpoint();
      break;
    }
  best.port(port);
  return best;
}

}  // namespace laggard
