#include "runners/lambda/doctor_network.hpp"

#include "core/error.hpp"
#include "core/wire/assignment.hpp"
#include "runners/connection/address.hpp"

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <functional>

namespace laggard {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

constexpr Time kMostProbe = std::chrono::seconds(25);

bool is_private(const asio::ip::address& address) {
  if (address.is_v6()) {
    const auto bytes = address.to_v6().to_bytes();
    return address.to_v6().is_link_local() || (bytes[0] & 0xfe) == 0xfc;
  }
  const auto bytes = address.to_v4().to_bytes();
  return bytes[0] == 10 || (bytes[0] == 172 && bytes[1] >= 16 && bytes[1] < 32) ||
         (bytes[0] == 192 && bytes[1] == 168) || (bytes[0] == 169 && bytes[1] == 254) ||
         (bytes[0] == 100 && bytes[1] >= 64 && bytes[1] < 128);
}

tcp::acceptor open(asio::io_context& loop, const tcp::endpoint& listen) {
  try {
    return tcp::acceptor(loop, listen);
  } catch (const boost::system::system_error& error) {
    throw Error(fmt::format("--listen {}: {}; expected an address of this host and a free port",
                            to_text(listen), error.code().message()));
  }
}

tcp::endpoint dialled(const tcp::acceptor& acceptor, const Doors& doors) {
  tcp::endpoint endpoint = doors.advertise.value_or(acceptor.local_endpoint());
  if (endpoint.port() == 0) endpoint.port(acceptor.local_endpoint().port());
  return endpoint;
}

}  // namespace

NetworkFindings look_at(const Doors& doors) {
  asio::io_context loop;
  const tcp::acceptor acceptor = open(loop, doors.listen);
  const tcp::endpoint dial = dialled(acceptor, doors);
  return {to_text(acceptor.local_endpoint()), to_text(dial), is_private(dial.address()),
          dial.address().is_loopback() || dial.address().is_unspecified()};
}

ProbeResult probe_worker(const FunctionAddress& address, const Credentials& credentials,
                         const Doors& doors) {
  asio::io_context loop{1};
  HttpClient client(loop);
  tcp::acceptor acceptor = open(loop, doors.listen);
  ProbeResult result;
  result.advertise = to_text(dialled(acceptor, doors));

  Assignment assignment;
  assignment.run = random_run_id();
  assignment.incarnation = 1;
  assignment.connect = result.advertise;
  assignment.token = random_token();
  assignment.pin = std::string(64, '0');  // of nobody: the handshake is not to get anywhere
  assignment.connect_timeout = std::chrono::seconds(5);

  bool has_ended = false;
  HttpRequest request = invoke_request(address, credentials, to_json(assignment));
  request.timeout = kMostProbe;
  client.send(request, [&](HttpResponse response) {
    result.response = std::move(response);
    has_ended = true;
  });
  std::function<void()> accept = [&] {
    acceptor.async_accept([&](const boost::system::error_code& failure, tcp::socket) {
      if (failure) return;
      result.dialled = true;  // and the socket goes, which ends the connection
      accept();
    });
  };
  accept();
  const auto until = std::chrono::steady_clock::now() + kMostProbe + std::chrono::seconds(2);
  while (!has_ended && loop.run_one_until(until) > 0) {
  }
  return result;
}

}  // namespace laggard
