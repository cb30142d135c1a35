// What a worker is started with: the payload of an invocation, or the content of a seat file.
#pragma once

#include "core/wire/proof.hpp"

#include <string>
#include <string_view>

namespace laggard {

// How long a worker tries to reach its coordinator.
inline constexpr Time kConnectTimeout = std::chrono::seconds(10);

// In a directory of seats (--fleet external): the file whose lock (F_OFD_SETLK) the coordinator
// holds as long as its run lasts. It is never taken by a worker, only asked for.
inline constexpr const char* kCoordinatorFile = "coordinator";
// And what the name of the file begins with in which a worker tells why the seat of that name came
// to nothing.
inline constexpr const char* kFailedSeat = "failed-";

struct Assignment {
  RunId run{};
  WorkerId worker = 0;
  int incarnation = 0;
  std::string connect;  // "ADDRESS:PORT" of the coordinator; the address is numeric
  Token token{};
  std::string pin;  // SHA-256 of the coordinator's certificate (DER), hexadecimal; empty:
                    // plain TCP, on loopback only
  Time connect_timeout = kConnectTimeout;
};

// JSON with the keys laggard (the wire version), run, worker, incarnation, connect, token, pin,
// connect_timeout_ms.
std::string to_json(const Assignment& assignment);
// Throws Error naming the key, and an older or newer wire version. What is not an assignment at all
// is an Error too. The message never holds the token.
Assignment parse_assignment(std::string_view text);

}  // namespace laggard
