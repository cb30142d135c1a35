// Signature Version 4 of AWS, on the side that checks it.
#pragma once

#include "runners/local_lambda/http.hpp"

#include <chrono>
#include <optional>

namespace laggard::local {

struct SigV4Identity {
  std::string access_key, secret_key, region, service;
  std::string session_token = {};  // empty: there is none, and none is accepted
};

// Why a request is refused, always with status 403: the exception's name and message.
struct SigV4Refusal {
  std::string type, message;
};

// The same of the headers alone, before the body has come: nothing where that is to decide.
std::optional<SigV4Refusal> check_signed_head(const HttpRequest& head,
                                              const SigV4Identity& identity,
                                              std::chrono::system_clock::time_point now);

// Nothing: signed with the key, for the region and service, not more than 5 minutes from `now`, and
// the body is the one that was signed. A refusal holds no secret.
std::optional<SigV4Refusal> check_signature(const HttpRequest& request,
                                            const SigV4Identity& identity,
                                            std::chrono::system_clock::time_point now);

}  // namespace laggard::local
