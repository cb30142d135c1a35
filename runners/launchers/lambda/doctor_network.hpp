// The network between workers and the coordinator, as far as it can be tried from here.
#pragma once

#include "runners/launchers/lambda/service_api.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <optional>
#include <string>

namespace laggard {

// Where the coordinator listens, and what workers dial: empty for the same.
struct Doors {
  boost::asio::ip::tcp::endpoint listen;
  std::optional<boost::asio::ip::tcp::endpoint> advertise;
};

struct NetworkFindings {
  std::string listen;       // where it listened, with the port that was given to it
  std::string advertise;    // what workers would be told
  bool is_private = false;  // of an address that the internet cannot reach
  bool is_here = false;     // loopback or 0.0.0.0: of an address that no other host can reach
};

// Listens for a moment. Throws Error.
NetworkFindings look_at(const Doors& doors);

struct ProbeResult {
  HttpResponse response;  // of the invocation
  std::string advertise;
  std::optional<std::string> version;  // of the worker that dialled in and said hello
};

// Invokes the function with an assignment to dial in, and refuses the worker when it does: it then
// ends by itself. Throws Error, also once `stop` (which may be null) is true.
ProbeResult probe_worker(const FunctionAddress& address, const Credentials& credentials,
                         const Doors& doors, const std::atomic<bool>* stop);

}  // namespace laggard
