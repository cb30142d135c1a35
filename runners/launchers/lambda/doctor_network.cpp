#include "runners/launchers/lambda/doctor_network.hpp"

#include "core/io/error.hpp"
#include "core/wire/assignment.hpp"
#include "runners/channels/tls/address.hpp"
#include "runners/channels/tls/reception.hpp"

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>

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

tcp::endpoint dialled(const tcp::endpoint& listened_on, const Doors& doors) {
  tcp::endpoint endpoint = doors.advertise.value_or(listened_on);
  if (endpoint.port() == 0) endpoint.port(listened_on.port());
  return endpoint;
}

}  // namespace

NetworkFindings look_at(const Doors& doors) {
  asio::io_context loop;
  const tcp::acceptor acceptor = open(loop, doors.listen);
  const tcp::endpoint dial = dialled(acceptor.local_endpoint(), doors);
  return {to_text(acceptor.local_endpoint()), to_text(dial), is_private(dial.address()),
          dial.address().is_loopback() || dial.address().is_unspecified()};
}

ProbeResult probe_worker(const FunctionAddress& address, const Credentials& credentials,
                         const Doors& doors, const std::atomic<bool>* stop) {
  asio::io_context loop{1};
  HttpClient client(loop);
  ProbeResult result;
  Assignment assignment;
  assignment.run = random_run_id();
  assignment.incarnation = 1;
  assignment.token = random_token();
  assignment.connect_timeout = std::chrono::seconds(5);
  const RunCertificate certificate = make_run_certificate();
  assignment.pin = certificate.pin;
  Reception door(loop, doors.listen, certificate.context,
                 [&](const std::shared_ptr<Connection>& connection, const Hello& hello) {
                   if (hello.run == assignment.run) result.version = hello.version;
                   door.refuse(connection, "it was only to be seen whether it comes");
                 });
  assignment.connect = result.advertise = to_text(dialled(door.local_endpoint(), doors));

  bool has_ended = false;
  HttpRequest request = invoke_request(address, credentials, to_json(assignment));
  request.timeout = kMostProbe;
  client.send(request, [&](HttpResponse response) {
    result.response = std::move(response);
    has_ended = true;
  });
  const auto until = std::chrono::steady_clock::now() + kMostProbe + std::chrono::seconds(2);
  while (!has_ended && std::chrono::steady_clock::now() < until) {
    if (stop && *stop) throw Error("interrupted");
    loop.run_one_for(std::chrono::milliseconds(200));
  }
  return result;
}

}  // namespace laggard
